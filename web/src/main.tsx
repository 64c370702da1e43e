import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { loadLanguage } from "./lib/intl";
import { applyTheme } from "./lib/theme";
import { router } from "./router";
import "./styles/tokens.css";
import "./styles/base.css";

/** After this the shell is drawn without its page: where the way is long, something is seen. */
const SHELL_MS = 500;

applyTheme();
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
// Once React has drawn a fallback it keeps it for 300 ms, whatever comes meanwhile. So words and page are got first.
const ready = Promise.allSettled([loadLanguage("common"), router.load()]);
const late = new Promise((resolve) => setTimeout(resolve, SHELL_MS));
void Promise.race([ready, late]).then(() =>
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  ),
);
