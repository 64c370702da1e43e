// The frame of an area behind sign-in: its own pages at the side, its own catalogue of messages.
import { Link, Outlet, useLocation, type LinkProps } from "@tanstack/react-router";
import { Suspense, useEffect, useRef } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { AreaLanguage } from "@/lib/intl";
import type { Area as AreaName, MessageId } from "@/messages";
import { Pending } from "./fallbacks";
import styles from "./area.module.css";

/** One page of an area as its side navigation shows it. */
export interface AreaLink {
  to: NonNullable<LinkProps["to"]>;
  label: MessageId;
  /** Whether only this very address is the page, not those below it. */
  exact?: boolean;
}

interface Props {
  area: Exclude<AreaName, "common" | "store">;
  title: MessageId;
  links: readonly AreaLink[];
}

export function Area({ area, title, links }: Props) {
  return (
    <Suspense fallback={<Pending />}>
      <AreaLanguage area={area}>
        <div className={styles.area}>
          <SideNavigation title={title} links={links} />
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

function SideNavigation({ title, links }: Pick<Props, "title" | "links">) {
  const intl = useIntl();
  return (
    <nav ref={useActiveInSight()} className={styles.side} aria-label={intl.formatMessage({ id: title })}>
      <ul>
        {links.map(({ to, label, exact = false }) => (
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
