// The usage area at a glance.
import { FormattedMessage, useIntl } from "react-intl";
import { useHead } from "@/lib/head";

export function Home() {
  useHead(useIntl().formatMessage({ id: "usage.title" }));
  return (
    <h1>
      <FormattedMessage id="usage.title" />
    </h1>
  );
}
