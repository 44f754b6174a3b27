/** The one client of the edge, over gRPC-Web on the page's own origin. */
import { type CallOptions, type Client, Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { EdgeService } from "../gen/spotter/edge/v1/edge_pb";
import { EdgeRecordService } from "../gen/spotter/edge/v1/record_pb";
import { EdgeSafetyService } from "../gen/spotter/edge/v1/safety_pb";
import { loadToken } from "./credentials";

export type EdgeClient = Client<typeof EdgeService>;

const withToken: Interceptor = (next) => (request) => {
  const token = loadToken();
  if (token !== "") request.header.set("authorization", `Bearer ${token}`);
  return next(request);
};

const transport = createGrpcWebTransport({
  baseUrl: globalThis.location?.origin ?? "http://localhost",
  useBinaryFormat: true,
  defaultTimeoutMs: 10_000,
  interceptors: [withToken],
});

/** The edge. Unary calls give up after 10 s; streams run until they are aborted. */
export const edge: EdgeClient = createClient(EdgeService, transport);

/** What people did over days and weeks. */
export const record: Client<typeof EdgeRecordService> = createClient(EdgeRecordService, transport);

/** Alerts, for staff. */
export const safety: Client<typeof EdgeSafetyService> = createClient(EdgeSafetyService, transport);

/** Options of a stream that lives as long as `signal` does; `onOpen` is called when the server has accepted it. */
export function streamOptions(signal: AbortSignal, onOpen: () => void = () => undefined): CallOptions {
  return { signal, timeoutMs: 0, onHeader: onOpen };
}

/** One sentence for the user about a failed call. */
export function explain(cause: unknown): string {
  const error = ConnectError.from(cause);
  switch (error.code) {
    case Code.Unauthenticated:
      return "Your sign-in has expired. Scan the QR code on the gym's screen again.";
    case Code.PermissionDenied:
      return "This sign-in doesn't allow that.";
    case Code.Unavailable:
    case Code.DeadlineExceeded:
    case Code.Unknown:
    case Code.Internal:
      return "The gym can't be reached right now. Check your connection and try again.";
    case Code.ResourceExhausted:
      return "Too many requests at once. Wait a moment and try again.";
    default:
      return error.rawMessage === "" ? "That didn't work." : error.rawMessage;
  }
}
