// The landing page: what Tallystick is, the market as it stands, and the ways in.
import { FormattedMessage, useIntl } from "react-intl";
import { Doors } from "../features/doors/doors";
import { MarketSection } from "../features/market/market-section";
import { Promises } from "../features/meter/promises";
import { SplitStick } from "../features/meter/split-stick";
import type { Locale } from "../lib/locale";
import { LanguageSwitch } from "../ui/language-switch";
import { TallyMark } from "../ui/tally-mark";
import styles from "./landing.module.css";

interface Props {
  locale: Locale;
  onLocale: (locale: Locale) => void;
}

export function Landing({ locale, onLocale }: Props) {
  return (
    <>
      <a className={styles.skip} href="#content">
        <FormattedMessage id="page.skip" />
      </a>
      <Header locale={locale} onLocale={onLocale} />
      <main id="content" tabIndex={-1}>
        <Hero />
        <div className={styles.page}>
          <MarketSection locale={locale} />
        </div>
        <Promises />
        <div className={styles.page}>
          <Doors />
        </div>
      </main>
      <Footer />
    </>
  );
}

function Header({ locale, onLocale }: Props) {
  const intl = useIntl();
  return (
    <header className={styles.header}>
      <p className={styles.brand}>
        <TallyMark className={styles.mark} />
        <span className={styles.wordmark}>
          <span lang="en">Tallystick</span> <span lang="zh-CN">算市</span>
        </span>
      </p>
      <nav className={styles.nav} aria-label={intl.formatMessage({ id: "page.sections" })}>
        <a href="#market">
          <FormattedMessage id="nav.market" />
        </a>
        <a href="#meter">
          <FormattedMessage id="nav.meter" />
        </a>
        <a href="#start">
          <FormattedMessage id="nav.start" />
        </a>
      </nav>
      <LanguageSwitch locale={locale} onLocale={onLocale} />
    </header>
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

function Footer() {
  return (
    <footer className={styles.footer}>
      <div className={`${styles.page} ${styles.footnotes}`}>
        <p>
          <span lang="en">Tallystick</span> <span lang="zh-CN">算市</span> · <FormattedMessage id="footer.licence" />
        </p>
        <ul className={styles.links}>
          <li>
            <a href="/health/ready">
              <FormattedMessage id="footer.ready" />
            </a>
          </li>
          <li>
            <a href="/metrics">
              <FormattedMessage id="footer.metrics" />
            </a>
          </li>
        </ul>
      </div>
    </footer>
  );
}
