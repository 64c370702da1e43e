// Chooses the listings that a solution is built from, by searching the market and one's own.
import { useState } from "react";
import { useQuery } from "urql";
import { useDelayed } from "@/lib/delayed";
import { useApiLanguage, useSay } from "@/lib/say";
import { Chip } from "@/ui/chip";
import { ComboField } from "@/ui/combo-field";
import { SellComponent, SellComponentSearch } from "./component-choice.generated";
import styles from "../desk/desk.module.css";

interface Props {
  /** Ids of listings. */
  chosen: readonly string[];
  onChange: (ids: string[]) => void;
  error: string | null;
  isDisabled: boolean;
}

export function ComponentChoice({ chosen, onChange, error, isDisabled }: Props) {
  const say = useSay();
  const language = useApiLanguage();
  const [typed, setTyped] = useState("");
  const search = useDelayed(typed.trim());
  const [{ data }] = useQuery({ query: SellComponentSearch, variables: { search, language } });
  const choices = (data?.listings.nodes ?? [])
    .filter(({ id }) => !chosen.includes(id))
    .map(({ id, name, provider }) => ({ value: id, label: name, description: provider.name }));
  const add = (id: string | null) => {
    if (id === null) return;
    onChange([...chosen, id]);
    setTyped("");
  };
  return (
    <div className={styles.stack}>
      <ComboField
        label={say("sell.listing.components")}
        description={say("sell.listing.components.note")}
        placeholder={say("sell.listing.components.search")}
        value={null}
        onChange={add}
        choices={choices}
        typed={typed}
        onSearch={setTyped}
        error={error}
        isDisabled={isDisabled}
      />
      {chosen.length > 0 && (
        <div className={styles.row}>
          {chosen.map((id) => (
            <Chosen key={id} id={id} onRemove={isDisabled ? undefined : () => onChange(chosen.filter((each) => each !== id))} />
          ))}
        </div>
      )}
    </div>
  );
}

function Chosen({ id, onRemove }: { id: string; onRemove: (() => void) | undefined }) {
  const language = useApiLanguage();
  const [{ data }] = useQuery({ query: SellComponent, variables: { id, language } });
  const node = data?.node;
  return <Chip label={node != null && "name" in node ? node.name : id} onRemove={onRemove} />;
}
