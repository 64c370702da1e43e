// How a capability is called from code: samples, contract, examples.
import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { CodeTabs } from "@/ui/code-tabs";
import { Disclosure } from "@/ui/disclosure";
import { JsonView } from "@/ui/json-view";
import { Section } from "@/ui/page";
import { PressGroup } from "@/ui/press-group";
import { ContractFields } from "./contract-fields";
import styles from "./contract-sections.module.css";
import { samplesOf, type Door } from "./samples";
import type { Schema } from "./schema";

export interface Contract {
  version: number;
  inputSchema: unknown;
  outputSchema: unknown;
  examples: readonly { input: unknown; output: unknown }[];
}

interface Props {
  slug: string;
  isTryable: boolean;
  contract: Contract;
}

export function ContractSections({ slug, isTryable, contract }: Props) {
  const intl = useIntl();
  const label = (index: number, side: "input" | "output") =>
    intl.formatMessage({ id: "store.examples.side" }, { number: index + 1, side: intl.formatMessage({ id: `store.contract.${side}` }) });
  return (
    <>
      <Samples slug={slug} isTryable={isTryable} contract={contract} />
      <Section
        id="contract"
        title={<FormattedMessage id="store.contract.title" />}
        note={<FormattedMessage id="store.contract.note" values={{ version: contract.version }} />}
      >
        <ContractFields side="input" schema={contract.inputSchema as Schema} />
        <ContractFields side="output" schema={contract.outputSchema as Schema} />
      </Section>
      <Section id="examples" title={<FormattedMessage id="store.examples.title" />}>
        {contract.examples.map(({ input, output }, index) => (
          <Disclosure key={index} title={<FormattedMessage id="store.try.example" values={{ number: index + 1 }} />} isOpen={index === 0}>
            <div className={styles.pair}>
              <JsonView label={label(index, "input")} value={input} openLevels={3} />
              <JsonView label={label(index, "output")} value={output} openLevels={3} />
            </div>
          </Disclosure>
        ))}
      </Section>
    </>
  );
}

const DOORS: readonly Door[] = ["sandbox", "key"];

function Samples({ slug, isTryable, contract }: Props) {
  const intl = useIntl();
  const [door, setDoor] = useState<Door>(isTryable ? "sandbox" : "key");
  const samples = samplesOf({
    endpoint: `${location.origin}/graphql`,
    door,
    capability: slug,
    payload: contract.examples[0]?.input ?? {},
  });
  return (
    <Section
      id="code"
      title={<FormattedMessage id="store.code.title" />}
      note={<FormattedMessage id={`store.code.note.${door}`} />}
      actions={
        isTryable && (
          <PressGroup
            label={intl.formatMessage({ id: "store.code.door" })}
            value={door}
            onChange={setDoor}
            choices={DOORS.map((each) => ({ value: each, label: <FormattedMessage id={`store.code.door.${each}`} /> }))}
          />
        )
      }
    >
      <CodeTabs label={intl.formatMessage({ id: "store.code.title" })} samples={samples} />
    </Section>
  );
}
