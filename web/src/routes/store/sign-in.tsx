// Signing in, and going back to where one came from.
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { FormattedMessage, useIntl } from "react-intl";
import { SignInForm } from "@/features/accounts/sign-in-form";
import { useHead } from "@/lib/head";
import { PageHeader } from "@/ui/page";
import { Notice } from "@/ui/state";
import styles from "./sign.module.css";

const route = getRouteApi("/store/sign-in");

export function SignInPage() {
  const intl = useIntl();
  const router = useRouter();
  const search = route.useSearch();
  useHead(intl.formatMessage({ id: "store.signIn.title" }), intl.formatMessage({ id: "store.signIn.description" }));
  return (
    <div className={styles.page}>
      <PageHeader title={<FormattedMessage id="store.signIn.title" />} />
      {search.lapsed === true && (
        <Notice tone="attention" title={<FormattedMessage id="store.signIn.lapsed" />}>
          <FormattedMessage id="store.signIn.lapsed.body" />
        </Notice>
      )}
      <SignInForm onSignedIn={() => router.history.replace(search.return ?? "/usage")} />
      <p className={styles.other}>
        <FormattedMessage id="store.signIn.new" />{" "}
        <Link to="/sign-up" search={search.return === undefined ? {} : { return: search.return }}>
          <FormattedMessage id="store.signUp.link" />
        </Link>
      </p>
    </div>
  );
}
