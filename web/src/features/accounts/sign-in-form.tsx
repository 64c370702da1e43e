// Signing in with e-mail address and password.
import { useState, type FormEvent } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { useMutation } from "urql";
import { useRefusals } from "@/lib/refusals";
import { unanswered } from "@/lib/unanswered";
import { begin } from "@/lib/session";
import { Button } from "@/ui/button";
import { FormErrors, type UserErrorLike } from "@/ui/form-errors";
import { TextField } from "@/ui/text-field";
import styles from "./form.module.css";
import { SignIn } from "./sign.generated";

export function SignInForm({ onSignedIn }: { onSignedIn: () => void }) {
  const intl = useIntl();
  const inWords = useRefusals("store.refusal");
  const [{ fetching }, signIn] = useMutation(SignIn);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<readonly UserErrorLike[]>([]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data, error } = await signIn({ input: { email: email.trim(), password } });
    const session = data?.signIn.session;
    if (session === null || session === undefined) {
      return setErrors(inWords(data?.signIn.errors ?? [unanswered(error)]));
    }
    begin(session);
    onSignedIn();
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <FormErrors errors={errors} />
      <TextField
        label={intl.formatMessage({ id: "store.sign.email" })}
        type="email"
        name="email"
        autoComplete="username"
        value={email}
        onChange={setEmail}
        isRequired
      />
      <TextField
        label={intl.formatMessage({ id: "store.sign.password" })}
        type="password"
        name="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        isRequired
      />
      <Button type="submit" variant="primary" size="large" isPending={fetching}>
        <FormattedMessage id="store.signIn.submit" />
      </Button>
    </form>
  );
}
