// The frame of an area behind sign-in: its own pages at the side, its own catalogue of messages.
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { Suspense, useEffect, useRef } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { AreaLanguage } from "@/lib/intl";
import { AREA_LINKS, type AreaName } from "./area-links";
import styles from "./area.module.css";
import { Pending } from "./fallbacks";

export function SellArea() {
  return <Area area="sell" />;
}

export function UsageArea() {
  return <Area area="usage" />;
}

export function Area({ area }: { area: AreaName }) {
  return (
    <Suspense fallback={<Pending />}>
      <AreaLanguage area={area}>
        <div className={styles.area}>
          <SideNavigation area={area} />
          <div className={styles.page}>
            <Suspense fallback={<Pending />}>
              <Outlet />
            </Suspense>
          </div>
        </div>
      </AreaLanguage>
    </Suspense>
  );
}

function SideNavigation({ area }: { area: AreaName }) {
  const intl = useIntl();
  return (
    <nav ref={useActiveInSight()} className={styles.side} aria-label={intl.formatMessage({ id: `${area}.title` })}>
      <ul>
        {AREA_LINKS[area].map(({ to, label, exact = false }) => (
          <li key={to}>
            <Link to={to} activeOptions={{ exact, includeSearch: false }}>
              <FormattedMessage id={label} />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Where the pages stand in one row that scrolls, the row shows the one that is open. */
function useActiveInSight() {
  const nav = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    const active = nav.current?.querySelector<HTMLElement>('[data-status="active"]');
    if (nav.current === null || !active) return;
    nav.current.scrollLeft = active.offsetLeft - (nav.current.clientWidth - active.offsetWidth) / 2;
  }, [pathname]);
  return nav;
}
