// Code and commands to copy, one sample or several ways to do the same.
import { useRef } from "react";
import styles from "./code-block.module.css";
import { CopyButton } from "./copy-button";

interface CodeBlockProps {
  /** What the code is, for screen readers. */
  label: string;
  code: string;
  /** The name of the language, shown beside the copy button. */
  language?: string | undefined;
}

export function CodeBlock({ label, code, language }: CodeBlockProps) {
  const text = useRef<HTMLElement>(null);
  return (
    <div className={styles.block}>
      <pre className={styles.code} role="region" aria-label={label} tabIndex={0} translate="no">
        <code ref={text}>{code}</code>
      </pre>
      <div className={styles.bar}>
        <CopyButton text={code} source={text} />
        {language !== undefined && <span className={styles.language}>{language}</span>}
      </div>
    </div>
  );
}
