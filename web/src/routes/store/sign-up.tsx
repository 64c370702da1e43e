// Signing up an organization with its owner.
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { FormattedMessage, useIntl } from "react-intl";
import { SignUpForm } from "@/features/accounts/sign-up-form";
import { useHead } from "@/lib/head";
import { PageHeader } from "@/ui/page";
import styles from "./sign.module.css";

const route = getRouteApi("/store/sign-up");

export function SignUpPage() {
  const intl = useIntl();
  const router = useRouter();
  const { return: back = "/capabilities" } = route.useSearch();
  useHead(intl.formatMessage({ id: "store.signUp.title" }), intl.formatMessage({ id: "store.signUp.lead" }));
  const leave = (isSignedIn: boolean) =>
    isSignedIn ? router.history.replace(back) : void router.navigate({ to: "/sign-in", search: { return: back } });
  return (
    <div className={styles.page}>
      <PageHeader title={<FormattedMessage id="store.signUp.title" />} lead={<FormattedMessage id="store.signUp.lead" />} />
      <SignUpForm onSignedUp={leave} />
      <p className={styles.other}>
        <FormattedMessage id="store.signUp.known" />{" "}
        <Link to="/sign-in" search={{ return: back }}>
          <FormattedMessage id="store.signIn.title" />
        </Link>
      </p>
    </div>
  );
}
