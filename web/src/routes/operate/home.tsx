// The operate area at a glance.
import { FormattedMessage, useIntl } from "react-intl";
import { useHead } from "@/lib/head";

export function Home() {
  useHead(useIntl().formatMessage({ id: "operate.title" }));
  return (
    <h1>
      <FormattedMessage id="operate.title" />
    </h1>
  );
}
