import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { preloadLanguage } from "./lib/intl";
import { applyTheme } from "./lib/theme";
import "./styles/tokens.css";
import "./styles/base.css";

applyTheme();
preloadLanguage("common");
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
