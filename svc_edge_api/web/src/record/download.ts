/** Saves a person's record as a file. */
import { record, streamOptions } from "../api/client";
import type { ExportFormat } from "../gen/spotter/motion/v1/record_pb";

/** Reads the whole export and hands it to the browser as a download. Throws where the stream breaks. */
export async function downloadRecord(personId: string, format: ExportFormat, signal: AbortSignal): Promise<void> {
  const pieces: BlobPart[] = [];
  let type = "application/octet-stream";
  let name = "spotter-record";
  for await (const piece of record.exportRecord({ personId, format }, streamOptions(signal))) {
    if (piece.fileName !== "") name = piece.fileName;
    if (piece.contentType !== "") type = piece.contentType;
    pieces.push(piece.data.slice());
  }
  const address = URL.createObjectURL(new Blob(pieces, { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
