// The shell around every page: brand, ways to the areas, the visitor's choices, footer.
import { Link, Outlet, useRouter } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { useLocale } from "@/lib/intl";
import { end, useSession } from "@/lib/session";
import { useViewer } from "@/lib/viewer";
import { LanguageSwitch } from "@/ui/language-switch";
import { TallyMark } from "@/ui/tally-mark";
import { ThemeSwitch } from "@/ui/theme-switch";
import { Toasts } from "@/ui/toast";
import styles from "./shell.module.css";

export function Shell() {
  useReentry();
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">
        <FormattedMessage id="page.skip" />
      </a>
      <Header />
      <main id="content" tabIndex={-1} className={styles.content}>
        <Toasts>
          <Outlet />
        </Toasts>
      </main>
      <Footer />
    </div>
  );
}

/** Asks the guards again when a session begins or ends, so that a lapsed one leads to sign in and back. */
function useReentry(): void {
  const router = useRouter();
  const { phase } = useSession();
  const asked = useRef(phase);
  useEffect(() => {
    // The guards of the first page wait for a session that is being restored.
    const isNews = asked.current !== "restoring" && asked.current !== phase;
    asked.current = phase;
    if (isNews) void router.invalidate();
  }, [phase, router]);
}

function Header() {
  const { locale, choose } = useLocale();
  return (
    <header className={styles.header}>
      <Link to="/" className={styles.brand}>
        <TallyMark className={styles.mark} />
        <span className={styles.wordmark}>
          <span lang="en">Tallystick</span> <span lang="zh-CN">算市</span>
        </span>
      </Link>
      <Navigation />
      <div className={styles.choices}>
        <LanguageSwitch locale={locale} onLocale={choose} />
        <ThemeSwitch />
        <Visitor />
      </div>
    </header>
  );
}

function Navigation() {
  const intl = useIntl();
  const viewer = useViewer();
  return (
    <nav className={styles.nav} aria-label={intl.formatMessage({ id: "nav.label" })}>
      <Link to="/capabilities">
        <FormattedMessage id="nav.capabilities" />
      </Link>
      <Link to="/listings">
        <FormattedMessage id="nav.listings" />
      </Link>
      <Link to="/stores">
        <FormattedMessage id="nav.stores" />
      </Link>
      {viewer !== null && (
        <>
          <Link to="/usage">
            <FormattedMessage id="nav.usage" />
          </Link>
          <Link to="/sell">
            <FormattedMessage id="nav.sell" />
          </Link>
          {viewer.isOperator && (
            <Link to="/operate">
              <FormattedMessage id="nav.operate" />
            </Link>
          )}
        </>
      )}
    </nav>
  );
}

function Visitor() {
  const { phase } = useSession();
  const viewer = useViewer();
  const router = useRouter();
  if (phase === "restoring") return null;
  if (phase === "anonymous") {
    return (
      <p className={styles.visitor}>
        <Link to="/sign-in">
          <FormattedMessage id="nav.signIn" />
        </Link>
        <Link to="/sign-up" className={styles.signUp}>
          <FormattedMessage id="nav.signUp" />
        </Link>
      </p>
    );
  }
  const leave = () => void end().then(() => router.navigate({ to: "/" }));
  return (
    <p className={styles.visitor}>
      <Link to="/usage/profile" className={styles.name}>
        {viewer?.member?.name ?? viewer?.organization.name}
      </Link>
      <button type="button" className={styles.leave} onClick={leave}>
        <FormattedMessage id="nav.signOut" />
      </button>
    </p>
  );
}

function Footer() {
  return (
    <footer className={styles.footer}>
      <p>
        <span lang="en">Tallystick</span> <span lang="zh-CN">算市</span> · <FormattedMessage id="footer.licence" />
      </p>
      <ul className={styles.links}>
        <li>
          <Link to="/design">
            <FormattedMessage id="footer.design" />
          </Link>
        </li>
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
    </footer>
  );
}
