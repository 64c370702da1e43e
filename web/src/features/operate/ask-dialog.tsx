// A dialog of the console that asks for one text, such as a reason, before something is done.
import { useState, type ReactElement, type ReactNode } from "react";
import type { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { Button, type ButtonProps } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { fieldError, FormErrors } from "@/ui/form-errors";
import { TextField } from "@/ui/text-field";
import styles from "./operate.module.css";

interface Props {
  title: string;
  trigger: ReactElement<ButtonProps>;
  /** What will happen. */
  children: ReactNode;
  /** The field that is asked for; `name` is the API's. */
  field: { name: string; label: string; description: string; maxLength: number; isMultiline?: boolean; rows?: number };
  submit: { label: string; variant: "primary" | "danger" };
  act: Pick<ReturnType<typeof useAct>, "errors" | "isPending" | "clear">;
  /** Does it with the trimmed text; it closes the dialog where it was done. */
  onSend: (text: string, close: () => void) => Promise<void>;
}

/** Keeps what was typed while it is closed. */
export function AskDialog({ title, trigger, children, field: { name, ...field }, submit, act, onSend }: Props) {
  const say = useSay();
  const errors = useRefusals("operate.refusal")(act.errors);
  const [text, setText] = useState("");
  return (
    <Dialog title={title} trigger={trigger} onOpenChange={act.clear}>
      {(close) => (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            void onSend(text.trim(), close);
          }}
        >
          <p>{children}</p>
          <FormErrors errors={errors} shownAtField={[name]} />
          <TextField {...field} value={text} onChange={setText} error={fieldError(errors, name)} isRequired autoFocus />
          <div className={styles.actions}>
            <Button onPress={close}>{say("ui.cancel")}</Button>
            <Button type="submit" variant={submit.variant} isPending={act.isPending} isDisabled={text.trim() === ""}>
              {submit.label}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
