// A contract's input or output, one line per field.
import { FormattedMessage, useIntl } from "react-intl";
import { DataTable, type Column } from "@/ui/data-table";
import { Disclosure } from "@/ui/disclosure";
import { CodeBlock } from "@/ui/code-block";
import styles from "./contract-fields.module.css";
import { contractFields, type ContractField, type Schema } from "./schema";

interface Props {
  side: "input" | "output";
  schema: Schema;
}

export function ContractFields({ side, schema }: Props) {
  const intl = useIntl();
  const caption = intl.formatMessage({ id: `store.contract.${side}` });
  return (
    <div className={styles.side}>
      <h3>{caption}</h3>
      <DataTable caption={intl.formatMessage({ id: "store.contract.fields" }, { side: caption })} rows={contractFields(schema)} rowKey={({ path }) => path} columns={useColumns()} />
      <Disclosure title={<FormattedMessage id="store.contract.schema" />}>
        <CodeBlock label={`${caption}, JSON Schema`} code={JSON.stringify(schema, null, 2)} language="JSON Schema 2020-12" />
      </Disclosure>
    </div>
  );
}

function useColumns(): Column<ContractField>[] {
  const intl = useIntl();
  return [
    {
      key: "path",
      header: intl.formatMessage({ id: "store.contract.field" }),
      isRowHeader: true,
      cell: ({ path, isRequired }) => (
        <span className={styles.path}>
          <code>{path}</code>
          {isRequired && (
            <span className={styles.required}>
              {" "}
              <FormattedMessage id="ui.field.required" />
            </span>
          )}
        </span>
      ),
    },
    {
      key: "type",
      header: intl.formatMessage({ id: "store.contract.type" }),
      cell: ({ type, bounds }) => (
        <>
          {type}
          {bounds !== "" && <span className={styles.bounds}> {bounds}</span>}
        </>
      ),
    },
    {
      key: "meaning",
      // Contracts describe their fields in English; readers of another language are told.
      header: intl.formatMessage({ id: intl.locale.startsWith("en") ? "store.contract.meaning" : "store.contract.meaning.english" }),
      cell: ({ choices, description }) => (
        <>
          {description !== undefined && <span lang="en">{description}</span>}
          {choices.length > 0 && (
            <span className={styles.choices}>
              {choices.map((choice) => (
                <code key={choice}>{choice}</code>
              ))}
            </span>
          )}
        </>
      ),
    },
  ];
}
