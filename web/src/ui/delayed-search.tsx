// A search that is told when the typing pauses, and that follows the address when that changes by other means.
import { useEffect, useEffectEvent, useState } from "react";
import { useDelayed } from "../lib/delayed";
import { SearchField } from "./text-field";

interface DelayedSearchProps {
  label: string;
  /** What is searched for now; empty for everything. */
  value: string;
  onSearch: (value: string) => void;
  placeholder?: string | undefined;
  isLabelHidden?: boolean | undefined;
}

export function DelayedSearch({ value, onSearch, isLabelHidden = false, ...field }: DelayedSearchProps) {
  const [typed, setTyped] = useState(value);
  const [followed, setFollowed] = useState(value);
  if (followed !== value) {
    setFollowed(value);
    if (typed.trim() !== value) setTyped(value);
  }
  const settled = useDelayed(typed.trim());
  const tell = useEffectEvent((next: string) => {
    if (next !== value && next === typed.trim()) onSearch(next);
  });
  useEffect(() => tell(settled), [settled]);
  return <SearchField {...field} isLabelHidden={isLabelHidden} value={typed} onChange={setTyped} onSubmit={(next) => onSearch(next.trim())} />;
}
