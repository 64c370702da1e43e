// The organization's API keys, and how to stop one.
import { useIntl } from "react-intl";
import type { Paging } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { oneOf } from "@/lib/search";
import { Badge } from "@/ui/badge";
import { SelectField } from "@/ui/choice-field";
import type { Column } from "@/ui/data-table";
import { DelayedSearch } from "@/ui/delayed-search";
import { QueryTable } from "@/ui/query-table";
import { EmptyState } from "@/ui/state";
import { Instant } from "@/ui/time";
import { VisuallyHidden } from "@/ui/visually-hidden";
import styles from "./accounts.module.css";
import { ChoiceSelect } from "../usage/choice-select";
import { ApiKeys, type ApiKeyRowFragment } from "./api-keys.generated";
import { KEY_ORDERS, KEY_STATES, keyFilter, type KeyChoice } from "./choice";
import { RevokeKey } from "./revoke-key";
import { KEY_SCOPES } from "./roles";

const TYPES = ["ApiKey"];

interface Props {
  choice: KeyChoice & Paging;
  go: (choice: KeyChoice & Paging) => void;
}

export function KeyTable({ choice, go }: Props) {
  const say = useSay();
  const { search, state, scope, order, size } = choice;
  const isFiltered = search !== undefined || state !== undefined || scope !== undefined;
  return (
    <QueryTable
      query={ApiKeys}
      variables={(page) => ({ ...page, filter: keyFilter(choice), orderBy: order ?? "NEWEST" })}
      pick={(data) => data.apiKeys}
      additionalTypenames={TYPES}
      caption={say("usage.keys.title")}
      columns={useColumns()}
      rowKey={({ id }) => id}
      paging={choice}
      go={(paging) => go({ search, state, scope, order, ...paging })}
      empty={say("usage.keys.none")}
      {...(isFiltered ? {} : { nothing: <EmptyState title={say("usage.keys.empty")} body={say("usage.keys.empty.body")} /> })}
      filters={<Filters choice={choice} change={(next) => go({ search, state, scope, order, size, ...next })} />}
      csv={{
        filename: "api-keys.csv",
        columns: [
          { header: say("usage.keys.label"), value: ({ label }) => label },
          { header: "id", value: ({ id }) => id },
          { header: say("usage.keys.prefix"), value: ({ prefix }) => prefix },
          { header: say("usage.keys.scopes"), value: ({ scopes }) => scopes.join(" ") },
          { header: say("usage.keys.created"), value: ({ createdAt }) => createdAt },
          { header: say("usage.keys.revoked"), value: ({ revokedAt }) => revokedAt },
        ],
      }}
    />
  );
}

function Filters({ choice: { search, state, scope, order }, change }: { choice: KeyChoice; change: (next: KeyChoice) => void }) {
  const say = useSay();
  return (
    <>
      <DelayedSearch label={say("usage.keys.search")} value={search ?? ""} onSearch={(next) => change({ search: next === "" ? undefined : next })} />
      <ChoiceSelect
        label={say("usage.state")}
        value={state}
        choices={KEY_STATES.map((value) => ({ value, label: say(`usage.keys.${value}`) }))}
        onChange={(next) => change({ state: oneOf(KEY_STATES, next) })}
      />
      <ChoiceSelect
        label={say("usage.keys.scopes")}
        value={scope}
        choices={KEY_SCOPES.map((value) => ({ value, label: say(`usage.scope.${value}`) }))}
        onChange={(next) => change({ scope: oneOf(KEY_SCOPES, next) })}
      />
      <SelectField
        label={say("usage.order")}
        value={order ?? "NEWEST"}
        onChange={(next) => change({ order: next })}
        choices={KEY_ORDERS.map((value) => ({ value, label: say(`usage.keys.order.${value}`) }))}
      />
    </>
  );
}

function useColumns(): Column<ApiKeyRowFragment>[] {
  const say = useSay();
  const intl = useIntl();
  return [
    { key: "label", header: say("usage.keys.label"), isRowHeader: true, cell: ({ label }) => <bdi className={styles.clip}>{label}</bdi> },
    { key: "prefix", header: say("usage.keys.prefix"), cell: ({ prefix }) => <code>{prefix}…</code> },
    {
      key: "scopes",
      header: say("usage.keys.scopes"),
      cell: ({ scopes }) => intl.formatList(scopes.map((scope) => say(`usage.scope.${scope}`)), { type: "unit" }),
    },
    { key: "created", header: say("usage.keys.created"), cell: ({ createdAt }) => <Instant value={createdAt} format="date" /> },
    {
      key: "state",
      header: say("usage.state"),
      cell: ({ revokedAt }) =>
        revokedAt === null ? (
          <Badge tone="good">{say("usage.keys.works")}</Badge>
        ) : (
          <span className={styles.stack}>
            <Badge tone="faint">{say("usage.keys.revoked")}</Badge>
            <Instant value={revokedAt} format="date" />
          </span>
        ),
    },
    { key: "act", header: <VisuallyHidden>{say("usage.actions")}</VisuallyHidden>, label: say("usage.keys.revoke"), align: "end", cell: (key) => key.revokedAt === null && <RevokeKey apiKey={key} /> },
  ];
}
