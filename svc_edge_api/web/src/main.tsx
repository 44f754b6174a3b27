import { render } from "preact";
import { parseEntry } from "./api/credentials";
import { App } from "./app";
import { fragment } from "./routes";
import { enter } from "./session";
import { restoreVoice } from "./speech";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/phone.css";
import "./styles/history.css";
import "./styles/gym.css";
import "./styles/alerts.css";

addEventListener("hashchange", () => {
  if (parseEntry(location.hash).kind !== "none") void enter();
  fragment.value = location.hash;
});

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
restoreVoice();
void enter();
