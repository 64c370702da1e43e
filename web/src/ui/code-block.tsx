// Commands to copy. Where the clipboard is out of reach (plain HTTP on a network address), the text gets selected instead.
import { useRef, useState } from "react";
import { FormattedMessage } from "react-intl";
import styles from "./code-block.module.css";

type Notice = "copy" | "copied" | "select";

interface Props {
  label: string;
  code: string;
}

export function CodeBlock({ label, code }: Props) {
  const text = useRef<HTMLElement>(null);
  const [notice, setNotice] = useState<Notice>("copy");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code);
      setNotice("copied");
    } catch {
      if (text.current !== null) window.getSelection()?.selectAllChildren(text.current);
      setNotice("select");
    }
  };
  return (
    <div className={styles.block}>
      <pre className={styles.code} role="region" aria-label={label} tabIndex={0} translate="no">
        <code ref={text}>{code}</code>
      </pre>
      <div className={styles.bar}>
        <button type="button" className={styles.copy} onClick={copy}>
          <FormattedMessage id="doors.api.copy" />
        </button>
        <span className={styles.notice} role="status">
          {notice !== "copy" && <FormattedMessage id={`doors.api.${notice}`} />}
        </span>
      </div>
    </div>
  );
}
