// The sell area at a glance.
import { FormattedMessage, useIntl } from "react-intl";
import { useHead } from "@/lib/head";

export function Home() {
  useHead(useIntl().formatMessage({ id: "sell.title" }));
  return (
    <h1>
      <FormattedMessage id="sell.title" />
    </h1>
  );
}
