// Founding an organization with its owner, who is signed in at once.
import { useRef, useState, type FormEvent } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { useMutation } from "urql";
import { useDraft } from "@/lib/draft";
import { ownCountry, ownTimeZone } from "@/lib/regions";
import { useRefusals } from "@/lib/refusals";
import { unanswered } from "@/lib/unanswered";
import { begin } from "@/lib/session";
import { Button } from "@/ui/button";
import { Disclosure } from "@/ui/disclosure";
import { fieldError, FormErrors, type UserErrorLike } from "@/ui/form-errors";
import { TextField } from "@/ui/text-field";
import styles from "./form.module.css";
import { OrganizationFields, type OrganizationDraft } from "./organization-fields";
import { SignIn, SignUp } from "./sign.generated";

const PASSWORD_LENGTH_MIN = 10;
const AT_FIELDS = ["organizationName", "country", "timeZone", "currency", "email", "name", "password", "operatorToken"];

interface Draft extends OrganizationDraft {
  email: string;
  name: string;
}

export function SignUpForm({ onSignedUp }: { onSignedUp: (isSignedIn: boolean) => void }) {
  const intl = useIntl();
  const country = ownCountry();
  const { draft, change, forget } = useDraft<Draft>("sign-up", {
    organizationName: "",
    country,
    timeZone: ownTimeZone(),
    currency: country === "CN" || country === "" ? "CNY" : "USD",
    email: "",
    name: "",
  });
  const [password, setPassword] = useState("");
  const [operatorToken, setOperatorToken] = useState("");
  const { submit, errors, isPending } = useSignUp(onSignedUp, forget);
  const at = (field: string) => fieldError(errors, field);
  const send = (event: FormEvent) => {
    event.preventDefault();
    void submit({ ...draft, email: draft.email.trim(), password, ...(operatorToken.trim() === "" ? {} : { operatorToken: operatorToken.trim() }) });
  };
  return (
    <form className={styles.form} onSubmit={send}>
      <FormErrors errors={errors} shownAtField={AT_FIELDS} />
      <fieldset className={styles.group}>
        <legend>
          <FormattedMessage id="store.signUp.owner" />
        </legend>
        <TextField
          label={intl.formatMessage({ id: "store.signUp.name" })}
          autoComplete="name"
          name="name"
          value={draft.name}
          onChange={(name) => change({ name })}
          error={at("name")}
          isRequired
        />
        <TextField
          label={intl.formatMessage({ id: "store.sign.email" })}
          type="email"
          autoComplete="username"
          name="email"
          value={draft.email}
          onChange={(email) => change({ email })}
          error={at("email")}
          isRequired
        />
        <TextField
          label={intl.formatMessage({ id: "store.sign.password" })}
          description={intl.formatMessage({ id: "store.signUp.password.hint" }, { min: PASSWORD_LENGTH_MIN })}
          type="password"
          autoComplete="new-password"
          name="password"
          value={password}
          onChange={setPassword}
          error={at("password")}
          isRequired
        />
      </fieldset>
      <OrganizationFields draft={draft} change={change} at={at} />
      <Disclosure title={intl.formatMessage({ id: "store.signUp.operator" })}>
        <TextField
          label={intl.formatMessage({ id: "store.signUp.operatorToken" })}
          description={<FormattedMessage id="store.signUp.operatorToken.hint" />}
          autoComplete="off"
          name="operatorToken"
          value={operatorToken}
          onChange={setOperatorToken}
          error={at("operatorToken")}
        />
      </Disclosure>
      <Button type="submit" variant="primary" size="large" isPending={isPending}>
        <FormattedMessage id="store.signUp.submit" />
      </Button>
    </form>
  );
}

type Input = Draft & { password: string; operatorToken?: string };

/** Signs up, then in. One intent has one key, so that sending again after a lost answer founds nothing twice. */
function useSignUp(onSignedUp: (isSignedIn: boolean) => void, forget: () => void) {
  const inWords = useRefusals("store.refusal");
  const [{ fetching: isSigningUp }, signUp] = useMutation(SignUp);
  const [{ fetching: isSigningIn }, signIn] = useMutation(SignIn);
  const [errors, setErrors] = useState<readonly UserErrorLike[]>([]);
  const intent = useRef({ of: "", key: "" });
  const submit = async (input: Input) => {
    const of = JSON.stringify(input);
    if (intent.current.of !== of) intent.current = { of, key: crypto.randomUUID() };
    const { data, error } = await signUp({ input: { ...input, idempotencyKey: intent.current.key } });
    const refusals = data?.signUp.errors ?? [unanswered(error)];
    setErrors(inWords(refusals));
    if (refusals.length > 0) return;
    forget();
    const signed = await signIn({ input: { email: input.email, password: input.password } });
    const session = signed.data?.signIn.session ?? null;
    if (session !== null) begin(session);
    onSignedUp(session !== null);
  };
  return { submit, errors, isPending: isSigningUp || isSigningIn };
}
