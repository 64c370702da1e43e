// The one app: language, visitor, router.
import { RouterProvider } from "@tanstack/react-router";
import { Suspense } from "react";
import { Language } from "./lib/intl";
import { VisitorProvider } from "./lib/viewer";
import { router } from "./router";

export function App() {
  return (
    <Suspense>
      <Language>
        <VisitorProvider>
          <RouterProvider router={router} />
        </VisitorProvider>
      </Language>
    </Suspense>
  );
}
