// What is shown instead of a page: nothing at this address, a page that failed, a page on its way.
import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { FormattedMessage, useIntl } from "react-intl";
import { useHead } from "@/lib/head";
import styles from "./fallbacks.module.css";

export function NotFound() {
  useHead(useIntl().formatMessage({ id: "fallback.notFound" }));
  return (
    <div className={styles.fallback}>
      <h1>
        <FormattedMessage id="fallback.notFound" />
      </h1>
      <p>
        <FormattedMessage id="fallback.notFound.body" />
      </p>
      <p>
        <Link to="/">
          <FormattedMessage id="fallback.home" />
        </Link>
      </p>
    </div>
  );
}

export function Failed({ reset }: ErrorComponentProps) {
  return (
    <div className={styles.fallback} role="alert">
      <h1>
        <FormattedMessage id="fallback.failed" />
      </h1>
      <p>
        <FormattedMessage id="fallback.failed.body" />
      </p>
      <button type="button" onClick={reset}>
        <FormattedMessage id="fallback.retry" />
      </button>
    </div>
  );
}

export function Pending() {
  return (
    <p className={styles.fallback} role="status" data-pending="">
      <FormattedMessage id="fallback.pending" />
    </p>
  );
}
