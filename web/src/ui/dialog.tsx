// Dialogs: one for any content, one that asks before something is done.
import { cloneElement, useState, type ReactElement, type ReactNode } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useIntl } from "react-intl";
import { Button, type ButtonProps } from "./button";
import { classNames } from "./class-names";
import styles from "./dialog.module.css";
import { Icon } from "./icons";

interface DialogProps {
  title: string;
  /** The button that opens it. Leave it out and steer with `isOpen` instead. */
  trigger?: ReactElement<ButtonProps> | undefined;
  isOpen?: boolean | undefined;
  onOpenChange?: ((isOpen: boolean) => void) | undefined;
  isWide?: boolean | undefined;
  /** The content; as a function it is given what closes the dialog. */
  children: ReactNode | ((close: () => void) => ReactNode);
}

export function Dialog({ title, trigger, children, isWide = false, isOpen, onOpenChange }: DialogProps) {
  const intl = useIntl();
  const [wasOpened, setOpened] = useState(false);
  const isShown = isOpen ?? wasOpened;
  const change = (next: boolean) => {
    setOpened(next);
    onOpenChange?.(next);
  };
  return (
    <>
      {trigger !== undefined && cloneElement(trigger, { onPress: () => change(true), "aria-expanded": isShown })}
      <ModalOverlay className={styles.veil ?? ""} isDismissable isOpen={isShown} onOpenChange={change}>
        <Modal className={classNames(styles.modal, isWide && styles.wide)}>
          <AriaDialog className={styles.dialog ?? ""}>
            {({ close }) => (
              <>
                <div className={styles.head}>
                  <Heading slot="title" className={styles.title ?? ""}>
                    {title}
                  </Heading>
                  <Button variant="quiet" size="small" onPress={close} aria-label={intl.formatMessage({ id: "ui.close" })}>
                    <Icon name="close" />
                  </Button>
                </div>
                <div className={styles.body}>{typeof children === "function" ? children(close) : children}</div>
              </>
            )}
          </AriaDialog>
        </Modal>
      </ModalOverlay>
    </>
  );
}

interface OpenState {
  isOpen?: boolean | undefined;
  onOpenChange?: ((isOpen: boolean) => void) | undefined;
}

interface ConfirmDialogProps extends OpenState {
  title: string;
  /** What will happen, and what it means for money. */
  body: ReactNode;
  confirmLabel: string;
  tone?: "neutral" | "danger" | undefined;
  trigger?: ReactElement<ButtonProps> | undefined;
  /** Does it; the dialog stays open, pending, until it is done. Answer `false` to keep it open. */
  onConfirm: () => void | boolean | Promise<void | boolean>;
}

export function ConfirmDialog({ body, confirmLabel, tone = "neutral", onConfirm, ...dialog }: ConfirmDialogProps) {
  return (
    <Dialog {...dialog}>
      {(close) => (
        <Confirmation body={body} label={confirmLabel} tone={tone} onConfirm={onConfirm} onClose={close} />
      )}
    </Dialog>
  );
}

interface ConfirmationProps extends Pick<ConfirmDialogProps, "body" | "onConfirm"> {
  label: string;
  tone: "neutral" | "danger";
  onClose: () => void;
}

function Confirmation({ body, label, tone, onConfirm, onClose }: ConfirmationProps) {
  const intl = useIntl();
  const [isPending, setPending] = useState(false);
  const confirm = async () => {
    setPending(true);
    try {
      if ((await onConfirm()) !== false) onClose();
    } finally {
      setPending(false);
    }
  };
  return (
    <>
      <div>{body}</div>
      <div className={styles.actions}>
        <Button onPress={onClose} isDisabled={isPending}>
          {intl.formatMessage({ id: "ui.cancel" })}
        </Button>
        <Button variant={tone === "danger" ? "danger" : "primary"} isPending={isPending} onPress={confirm}>
          {label}
        </Button>
      </div>
    </>
  );
}
