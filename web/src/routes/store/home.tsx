// The start page: what Tallystick is, search, the market as a map, what the meter promises, and the ways in.
import { Link } from "@tanstack/react-router";
import { useDeferredValue } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { useQuery } from "urql";
import { CapabilityMap } from "@/features/market/map.generated";
import { MarketFigures } from "@/features/market/market-figures";
import { SearchBox } from "@/features/market/search-box";
import { SmallMap } from "@/features/market/small-map";
import { grouped, type Group } from "@/features/market/tiles";
import { TileGrid } from "@/features/market/tile-grid";
import { Ways } from "@/features/market/ways";
import { Promises } from "@/features/meter/promises";
import { SplitStick } from "@/features/meter/split-stick";
import { useHead } from "@/lib/head";
import { useApiLanguage } from "@/lib/say";
import { buttonClass } from "@/ui/button-class";
import { Failure } from "@/ui/failure";
import { Section } from "@/ui/page";
import styles from "./home.module.css";

const SHOWN_AT_FIRST = 6;

export function Home() {
  const intl = useIntl();
  const [{ data, error }, retry] = useQuery({ query: CapabilityMap, variables: { language: useApiLanguage() } });
  useHead(intl.formatMessage({ id: "store.home.head" }), intl.formatMessage({ id: "page.description" }));
  const groups = data === undefined ? null : grouped(data);
  return (
    <>
      <Hero />
      <div className={styles.market}>
        {error !== undefined && data === undefined ? (
          <Failure error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />
        ) : (
          <Market groups={groups} />
        )}
      </div>
      <Promises />
      <div className={styles.market}>
        <Ways />
      </div>
    </>
  );
}

function Hero() {
  return (
    <div className={styles.hero}>
      <div>
        <h1 className={styles.title}>
          <FormattedMessage id="hero.title" />
        </h1>
        <p className={styles.lead}>
          <FormattedMessage id="hero.lead" />
        </p>
        <div className={styles.search}>
          <SearchBox />
        </div>
        <p className={styles.actions}>
          <Link to="/capabilities" className={buttonClass("secondary")}>
            <FormattedMessage id="hero.browse" />
          </Link>
          <Link to="/sign-up" className={buttonClass("quiet")}>
            <FormattedMessage id="store.signUp.link" />
          </Link>
        </p>
      </div>
      <SplitStick />
    </div>
  );
}

function Market({ groups }: { groups: readonly Group[] | null }) {
  // The map has a link for each of 228 capabilities: it is drawn after what is seen first, and lets input through.
  const mapped = useDeferredValue(groups, null);
  const popular = (groups ?? [])
    .flatMap(({ tiles }) => tiles)
    .filter(({ isAnswered }) => isAnswered)
    .sort((a, b) => Number(b.listingCount) - Number(a.listingCount))
    .slice(0, SHOWN_AT_FIRST);
  return (
    <>
      <MarketFigures groups={groups} />
      <Section title={<FormattedMessage id="store.home.try" />} note={<FormattedMessage id="store.home.try.note" />}>
        <div className={styles.popular}>{popular.length > 0 && <TileGrid label="store.home.try" tiles={popular} />}</div>
      </Section>
      <Section
        id="market"
        title={<FormattedMessage id="store.map.title" />}
        note={<FormattedMessage id="store.map.note" />}
        actions={
          <Link to="/capabilities">
            <FormattedMessage id="store.map.all" />
          </Link>
        }
      >
        <div className={styles.map}>{mapped !== null && <SmallMap groups={mapped} />}</div>
      </Section>
    </>
  );
}
