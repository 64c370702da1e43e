// The landing page: what Tallystick is, the market as it stands, and the ways in.
import { FormattedMessage } from "react-intl";
import { Doors } from "../features/doors/doors";
import { MarketSection } from "../features/market/market-section";
import { Promises } from "../features/meter/promises";
import { SplitStick } from "../features/meter/split-stick";
import { useLocale } from "../lib/intl";
import styles from "./landing.module.css";

export function Landing() {
  const { locale } = useLocale();
  return (
    <>
      <Hero />
      <div className={styles.page}>
        <MarketSection locale={locale} />
      </div>
      <Promises />
      <div className={styles.page}>
        <Doors />
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
        <p className={styles.actions}>
          <a className={styles.primary} href="#start">
            <FormattedMessage id="hero.call" />
          </a>
          <a className={styles.secondary} href="#market">
            <FormattedMessage id="hero.browse" />
          </a>
        </p>
      </div>
      <SplitStick />
    </div>
  );
}
