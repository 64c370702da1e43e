// Short notices of what was done, with the way back where there is one.
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useIntl } from "react-intl";
import { buttonClass } from "./button-class";
import { classNames } from "./class-names";
import { Icon } from "./icons";
import styles from "./toast.module.css";

export interface ToastMessage {
  title: string;
  body?: string | undefined;
  tone?: "good" | "danger" | undefined;
  /** What undoes it or leads on; such a toast stays 20 seconds, others 6. */
  action?: { label: string; onAction: () => void } | undefined;
}

interface ShownToast extends ToastMessage {
  key: number;
}

const ToastContext = createContext<(message: ToastMessage) => void>(() => undefined);

/** Gives the function that shows a toast. */
export function useToast(): (message: ToastMessage) => void {
  return useContext(ToastContext);
}

const MOST_AT_ONCE = 3;

/** Holds the queue of toasts for the whole app. */
export function Toasts({ children }: { children: ReactNode }) {
  const intl = useIntl();
  const nextKey = useRef(0);
  const [toasts, setToasts] = useState<ShownToast[]>([]);
  const show = useCallback((message: ToastMessage) => {
    nextKey.current += 1;
    const key = nextKey.current;
    setToasts((before) => [...before, { ...message, key }]);
  }, []);
  const drop = useCallback((key: number) => setToasts((before) => before.filter((toast) => toast.key !== key)), []);
  const shown = useMemo(() => toasts.slice(0, MOST_AT_ONCE), [toasts]);
  return (
    <ToastContext.Provider value={show}>
      {children}
      {/* Marked as a top layer so that it stays readable and reachable while a dialog is open. */}
      <section
        className={styles.region}
        aria-label={intl.formatMessage({ id: "ui.notifications" })}
        aria-live="polite"
        data-react-aria-top-layer="true"
      >
        {shown.map((toast) => (
          <Toast key={toast.key} toast={toast} onClose={drop} />
        ))}
      </section>
    </ToastContext.Provider>
  );
}

function Toast({ toast, onClose }: { toast: ShownToast; onClose: (key: number) => void }) {
  const intl = useIntl();
  const [isHeld, setHeld] = useState(false);
  const close = useCallback(() => onClose(toast.key), [onClose, toast.key]);
  useEffect(() => {
    if (isHeld) return undefined;
    const timer = setTimeout(close, toast.action === undefined ? 6_000 : 20_000);
    return () => clearTimeout(timer);
  }, [isHeld, close, toast.action]);
  const act = () => {
    toast.action?.onAction();
    close();
  };
  return (
    <div
      className={classNames(styles.toast, toast.tone === "danger" && styles.danger)}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <div className={styles.text}>
        <p className={styles.title}>{toast.title}</p>
        {toast.body !== undefined && <p className={styles.body}>{toast.body}</p>}
      </div>
      {toast.action !== undefined && (
        <button type="button" className={buttonClass("quiet", "small")} onClick={act}>
          {toast.action.label}
        </button>
      )}
      <button type="button" className={buttonClass("quiet", "small")} onClick={close} aria-label={intl.formatMessage({ id: "ui.close" })}>
        <Icon name="close" />
      </button>
    </div>
  );
}
