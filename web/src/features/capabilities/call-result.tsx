// What a call gave: its output, what of it was free, what it cost, and who answered.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { FormattedMessage, useIntl, type IntlShape } from "react-intl";
import { ClassBadge } from "@/ui/badge";
import { CopyButton } from "@/ui/copy-button";
import { DataTable } from "@/ui/data-table";
import { JsonView } from "@/ui/json-view";
import { Duration, ExactCharge, Quantity } from "@/ui/numbers";
import { KeyValue } from "@/ui/page";
import styles from "./call-result.module.css";
import { dataUrl } from "./image";
import type { CallUsageFragment } from "./try.generated";

/** A call that was answered. */
export interface Answer {
  output: unknown;
  usage: readonly CallUsageFragment[];
  listing: { slug: string; name: string };
  estimatedCharge: string;
  currencyCode: string;
  milliseconds: number;
  /** The recorded invocation, where it is the member's own. */
  invocationId?: string;
  isRepeated?: boolean;
}

interface Props {
  answer: Answer;
  /** Who pays, in a sentence. */
  note: ReactNode;
}

export function CallResult({ answer, note }: Props) {
  const intl = useIntl();
  const images = imagesIn(answer.output);
  return (
    <div className={styles.result}>
      {images.map((url) => (
        <img key={url.slice(-64)} className={styles.image} src={url} alt={intl.formatMessage({ id: "store.result.image" })} />
      ))}
      <div className={styles.output}>
        <JsonView label={intl.formatMessage({ id: "store.result.output" })} value={shortened(answer.output, intl)} openLevels={3} />
      </div>
      <CopyButton text={JSON.stringify(answer.output, null, 2)} label={intl.formatMessage({ id: "store.result.copy" })} size="small" />
      <UsageTable usage={answer.usage} currencyCode={answer.currencyCode} />
      <KeyValue
        entries={[
          [
            <FormattedMessage id="store.result.charge" />,
            <ExactCharge exact={answer.estimatedCharge} currencyCode={answer.currencyCode} />,
          ],
          [
            <FormattedMessage id="store.result.by" />,
            <Link to="/listings/$slug" params={{ slug: answer.listing.slug }}>
              <bdi>{answer.listing.name}</bdi>
            </Link>,
          ],
          [<FormattedMessage id="store.result.time" />, <Duration milliseconds={answer.milliseconds} />],
          [
            <FormattedMessage id="store.result.invocation" />,
            answer.invocationId !== undefined && (
              <Link to="/usage/calls/$id" params={{ id: answer.invocationId }}>
                <code>{answer.invocationId}</code>
              </Link>
            ),
          ],
        ]}
      />
      <p className={styles.note}>{note}</p>
    </div>
  );
}

function UsageTable({ usage, currencyCode }: { usage: Answer["usage"]; currencyCode: string }) {
  const intl = useIntl();
  return (
    <DataTable
      caption={intl.formatMessage({ id: "store.result.usage" })}
      rows={usage}
      rowKey={(line) => `${line.meter} ${line.class}`}
      columns={[
        { key: "class", header: intl.formatMessage({ id: "store.result.class" }), cell: (line) => <ClassBadge value={line.class} />, isRowHeader: true },
        {
          key: "quantity",
          header: intl.formatMessage({ id: "store.result.quantity" }),
          cell: (line) => <Quantity value={line.quantity} meter={line.meter} />,
          align: "end",
        },
        {
          key: "charge",
          header: intl.formatMessage({ id: "store.result.charge" }),
          cell: (line) => <ExactCharge exact={line.estimatedCharge} currencyCode={currencyCode} />,
          align: "end",
        },
      ]}
    />
  );
}

const TEXT_LENGTH_MAX = 2_000;
const IMAGE_LENGTH_MAX = 60;

/** The output with very long texts and images cut, for reading; what is copied is whole. */
function shortened(value: unknown, intl: IntlShape): unknown {
  if (typeof value === "string") {
    const most = dataUrl(value) === null ? TEXT_LENGTH_MAX : IMAGE_LENGTH_MAX;
    const rest = intl.formatMessage({ id: "store.result.shortened" }, { count: value.length });
    return value.length <= most ? value : value.slice(0, most) + rest;
  }
  if (Array.isArray(value)) return value.map((each) => shortened(each, intl));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shortened(each, intl)]));
}

function imagesIn(output: unknown): string[] {
  if (typeof output !== "object" || output === null) return [];
  return Object.values(output).flatMap((value) => (typeof value === "string" && value.length > 64 ? (dataUrl(value) ?? []) : []));
}
