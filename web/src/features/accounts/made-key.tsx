// The secret of a key that was just made: shown once, until the reader says that it is kept.
import { useEffect, useRef } from "react";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy-button";
import { Notice } from "@/ui/state";
import styles from "./accounts.module.css";
import type { MadeKey } from "./create-key";

export function MadeKeyNotice({ made, onKept }: { made: MadeKey; onKept: () => void }) {
  const say = useSay();
  const box = useRef<HTMLDivElement>(null);
  const secret = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), [made]);
  return (
    <div ref={box} tabIndex={-1} role="status" className={styles.made}>
      <Notice tone="attention" title={say("usage.keys.made", { label: made.label })}>
        <p>{say("usage.keys.made.body")}</p>
        <p className={styles.secret}>
          <code ref={secret} translate="no">
            {made.secret}
          </code>
        </p>
        <p className={styles.actions}>
          <CopyButton text={made.secret} variant="primary" source={secret} label={say("usage.keys.made.copy")} />
          <Button size="small" onPress={onKept}>
            {say("usage.keys.made.kept")}
          </Button>
        </p>
      </Notice>
    </div>
  );
}
