// The market as the server tells it now: figures, categories and listings, in whichever state the reading is.
import { useRef } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import type { Locale } from "../../lib/locale";
import { CategoryList } from "./category-list";
import { Failure } from "./failure";
import { Figures } from "./figures";
import { ListingList } from "./listing-list";
import { LoadingMarket } from "./loading-market";
import styles from "./market-section.module.css";
import { useMarket, type MarketState } from "./use-market";

export function MarketSection({ locale }: { locale: Locale }) {
  const { state, retry } = useMarket();
  const body = useRef<HTMLDivElement>(null);
  const retryHere = () => {
    body.current?.focus(); // the button that had the focus is about to go
    retry();
  };
  return (
    <section id="market" className={styles.section} aria-labelledby="market-title">
      <h2 id="market-title" className={styles.title}>
        <FormattedMessage id="market.title" />
      </h2>
      <p className={styles.lead}>
        <FormattedMessage id="market.lead" />
      </p>
      <Announcement state={state} />
      <div ref={body} tabIndex={-1} aria-busy={state.phase === "loading"}>
        {state.phase === "loading" && <LoadingMarket />}
        {state.phase === "failed" && <Failure kind={state.kind} onRetry={retryHere} />}
        {state.phase === "ready" && (
          <>
            <Figures market={state.market} />
            <div className={styles.columns}>
              <CategoryList categories={state.market.categories} locale={locale} />
              <ListingList listings={state.market.listings} total={state.market.listingCount} locale={locale} />
            </div>
          </>
        )}
      </div>
    </section>
  );
}

/** Tells a screen reader how the reading goes; sighted visitors see it in the section itself. */
function Announcement({ state }: { state: MarketState }) {
  const intl = useIntl();
  const text: Record<MarketState["phase"], string> = {
    loading: intl.formatMessage({ id: "market.loading" }),
    failed: intl.formatMessage({ id: "failure.title" }),
    ready: "",
  };
  return (
    <p className={styles.announcement} role="status">
      {text[state.phase]}
    </p>
  );
}
