// Verifies a receipt as soon as it, or what is trusted, changes.
import { useEffect, useState } from "react";
import { check, type Checked } from "@/lib/receipts/receipt";

/** What came out; null while it is being verified. */
export function useCheck(file: string, keys: readonly string[]): Checked | null {
  const [checked, setChecked] = useState<Checked | null>(null);
  const trusted = keys.join("\n");
  useEffect(() => {
    let isCurrent = true;
    setChecked(null);
    void check(file, trusted.split("\n")).then((outcome) => isCurrent && setChecked(outcome));
    return () => {
      isCurrent = false;
    };
  }, [file, trusted]);
  return checked;
}
