// What visitors may try at the operator's expense.
import { useState, type FormEvent } from "react";
import { useQuery } from "urql";
import { useAct } from "@/lib/act";
import { decimalProblem, normalizeDecimal } from "@/lib/numbers";
import { useRefusals } from "@/lib/refusals";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { CheckboxField } from "@/ui/choice-field";
import { Failure } from "@/ui/failure";
import { fieldError, FormErrors } from "@/ui/form-errors";
import { Quantity } from "@/ui/numbers";
import { Skeleton } from "@/ui/state";
import { NumberField } from "@/ui/text-field";
import { useToast } from "@/ui/toast";
import styles from "../operate/operate.module.css";
import { OperateSandbox, OperateSetSandbox, type OperateSandboxQuery } from "./operate-sandbox.generated";

type Settings = OperateSandboxQuery["sandboxSettings"];

export function Sandbox() {
  const [{ data, error }, reread] = useQuery({ query: OperateSandbox });
  if (data !== undefined) return <SandboxForm settings={data.sandboxSettings} />;
  return error === undefined ? <Skeleton /> : <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />;
}

const CALLS = { scale: 0, min: "1", max: "100000" };
const AT_FIELDS = ["callsPerAddressPerDay", "callsPerDay", "maxCharge"];

function SandboxForm({ settings }: { settings: Settings }) {
  const say = useSay();
  const toast = useToast();
  const inWords = useRefusals("operate.refusal");
  const { run, errors, isPending } = useAct(OperateSetSandbox, (data) => data.setSandbox);
  const [isOpen, setOpen] = useState(settings.isOpen);
  const [perAddress, setPerAddress] = useState(settings.callsPerAddressPerDay);
  const [perDay, setPerDay] = useState(settings.callsPerDay);
  const [maxCharge, setMaxCharge] = useState(settings.maxCharge);
  const words = inWords(errors);
  const input = {
    isOpen,
    callsPerAddressPerDay: normalizeDecimal(perAddress),
    callsPerDay: normalizeDecimal(perDay),
    maxCharge: normalizeDecimal(maxCharge),
  };
  const isComplete =
    [input.callsPerAddressPerDay, input.callsPerDay].every((each) => decimalProblem(each, CALLS) === null) &&
    decimalProblem(input.maxCharge, { min: "0" }) === null;
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!isComplete || (await run(input)) === null) return;
    toast({ title: say(isOpen ? "operate.settings.sandbox.opened" : "operate.settings.sandbox.closed"), tone: "good" });
  };
  return (
    <form className={styles.form} onSubmit={(event) => void send(event)}>
      <p>
        {say("operate.settings.sandbox.today")} <Quantity value={settings.callsToday} meter="REQUEST" />
      </p>
      <FormErrors errors={words} shownAtField={AT_FIELDS} />
      <CheckboxField
        label={say("operate.settings.sandbox.isOpen")}
        description={say("operate.settings.sandbox.isOpen.hint")}
        isSelected={isOpen}
        onChange={setOpen}
      />
      <div className={styles.pair}>
        <NumberField
          {...CALLS}
          label={say("operate.settings.sandbox.perAddress")}
          description={say("operate.settings.sandbox.perAddress.hint")}
          value={perAddress}
          onChange={setPerAddress}
          error={fieldError(words, "callsPerAddressPerDay")}
          isRequired
        />
        <NumberField
          {...CALLS}
          label={say("operate.settings.sandbox.perDay")}
          description={say("operate.settings.sandbox.perDay.hint")}
          value={perDay}
          onChange={setPerDay}
          error={fieldError(words, "callsPerDay")}
          isRequired
        />
      </div>
      <NumberField
        label={say("operate.settings.sandbox.maxCharge")}
        description={say("operate.settings.sandbox.maxCharge.hint")}
        min="0"
        value={maxCharge}
        onChange={setMaxCharge}
        error={fieldError(words, "maxCharge")}
        isRequired
      />
      <div className={styles.actions}>
        <Button type="submit" variant="primary" isPending={isPending} isDisabled={!isComplete}>
          {say("operate.settings.save")}
        </Button>
      </div>
    </form>
  );
}
