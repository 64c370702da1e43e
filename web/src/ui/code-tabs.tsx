// The same call in several languages.
import { CodeBlock } from "./code-block";
import { Tabs } from "./tabs";

export interface CodeSample {
  id: string;
  /** The name of the language or tool: `curl`, `Python`. */
  label: string;
  code: string;
}

interface CodeTabsProps {
  /** What the samples do, for screen readers. */
  label: string;
  samples: readonly CodeSample[];
}

export function CodeTabs({ label, samples }: CodeTabsProps) {
  const tabs = samples.map(({ id, label: name, code }) => ({
    id,
    label: name,
    content: <CodeBlock label={`${label}, ${name}`} code={code} />,
  }));
  return <Tabs label={label} tabs={tabs} />;
}
