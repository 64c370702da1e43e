// What the forms about accounts share: fields, what was refused, and the button that sends them.
import type { FormEvent, ReactNode } from "react";
import { Button } from "@/ui/button";
import { FormErrors, type UserErrorLike } from "@/ui/form-errors";
import styles from "./accounts.module.css";

interface Props {
  /** In words. */
  errors: readonly UserErrorLike[];
  /** The fields that show their refusals themselves. */
  fields: string[];
  submitLabel: string;
  isPending: boolean;
  isDisabled?: boolean | undefined;
  /** Whether sending it is the one thing to do here, as in a dialog. */
  isPrimary?: boolean | undefined;
  onSubmit: () => Promise<void>;
  children: ReactNode;
}

export function AccountForm({ errors, fields, submitLabel, isPending, isDisabled = false, isPrimary = false, onSubmit, children }: Props) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void onSubmit();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {children}
      <FormErrors errors={errors} shownAtField={fields} />
      <div className={styles.actions}>
        <Button type="submit" {...(isPrimary ? { variant: "primary" } : {})} isPending={isPending} isDisabled={isDisabled}>
          {submitLabel}
        </Button>
      </div>
    </form>
  );
}
