// The root of all routes: the shell around every page, and what is shown where there is no page.
import { createRootRoute } from "@tanstack/react-router";
import { Failed, NotFound } from "./fallbacks";
import { Shell } from "./shell";

export const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Failed });
