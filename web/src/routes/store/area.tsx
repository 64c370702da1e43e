// The storefront's frame: its own catalogue of messages around its pages.
import { Outlet } from "@tanstack/react-router";
import { Suspense } from "react";
import { AreaLanguage } from "@/lib/intl";
import { Pending } from "../fallbacks";

export function StoreArea() {
  return (
    <Suspense fallback={<Pending />}>
      <AreaLanguage area="store">
        <Suspense fallback={<Pending />}>
          <Outlet />
        </Suspense>
      </AreaLanguage>
    </Suspense>
  );
}
