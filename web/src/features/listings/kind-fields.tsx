// The fields that only one kind of listing has.
import { useState } from "react";
import { useSay } from "@/lib/say";
import { CheckboxField, SelectField } from "@/ui/choice-field";
import { FileField } from "@/ui/file-field";
import { LocalizedField } from "@/ui/localized-field";
import { Notice } from "@/ui/state";
import { NumberField, TextField } from "@/ui/text-field";
import styles from "../desk/desk.module.css";
import { PLACEMENTS, PURPOSES } from "./content-draft";
import { useWrong, type ContentFieldsProps } from "./content-fields";
import { CAPABILITY_PLACEHOLDER } from "./content-problems";

export function ModelFields(props: ContentFieldsProps) {
  const { draft, change, isDisabled } = props;
  const say = useSay();
  const wrong = useWrong(props);
  const isShared = draft.capabilities.length > 1 && draft.endpoint.trim() !== "" && !draft.endpoint.includes(CAPABILITY_PLACEHOLDER);
  return (
    <>
      <TextField
        label={say("sell.listing.endpoint")}
        description={say("sell.listing.endpoint.note", { placeholder: CAPABILITY_PLACEHOLDER })}
        placeholder={`https://api.example.com/v1/${CAPABILITY_PLACEHOLDER}`}
        value={draft.endpoint}
        onChange={(endpoint) => change({ endpoint })}
        error={wrong("endpoint")}
        isRequired
        isDisabled={isDisabled}
        autoComplete="off"
      />
      {isShared && <Notice tone="attention">{say("sell.listing.endpoint.shared", { placeholder: CAPABILITY_PLACEHOLDER })}</Notice>}
      <div className={styles.pair}>
        <TextField
          label={say("sell.listing.framework")}
          placeholder="ONNX, PyTorch, vLLM"
          value={draft.framework}
          onChange={(framework) => change({ framework })}
          error={wrong("framework")}
          isDisabled={isDisabled}
          autoComplete="off"
        />
        <PlacementField {...props} />
      </div>
      <CheckboxField
        label={say("sell.listing.repeatable")}
        description={say("sell.listing.repeatable.note")}
        isSelected={draft.isRepeatable}
        onChange={(isRepeatable) => change({ isRepeatable })}
        isDisabled={isDisabled}
      />
    </>
  );
}

export function DatasetFields(props: ContentFieldsProps) {
  const { draft, change, isDisabled } = props;
  const say = useSay();
  const wrong = useWrong(props);
  return (
    <>
      <TextField
        label={say("sell.listing.downloadUrl")}
        description={say("sell.listing.downloadUrl.note")}
        placeholder="https://data.example.com/trade-2026.csv"
        value={draft.downloadUrl}
        onChange={(downloadUrl) => change({ downloadUrl })}
        error={wrong("downloadUrl")}
        isRequired
        isDisabled={isDisabled}
        autoComplete="off"
      />
      {!isDisabled && <Measure change={change} />}
      <div className={styles.pair}>
        <TextField
          label={say("sell.listing.mediaType")}
          placeholder="text/csv"
          value={draft.mediaType}
          onChange={(mediaType) => change({ mediaType })}
          error={wrong("mediaType")}
          isRequired
          isDisabled={isDisabled}
          autoComplete="off"
        />
        <NumberField
          label={say("sell.listing.bytes")}
          value={draft.bytes}
          onChange={(bytes) => change({ bytes })}
          error={wrong("bytes")}
          scale={0}
          min="0"
          isRequired
          isDisabled={isDisabled}
        />
        <NumberField
          label={say("sell.listing.rows")}
          value={draft.rows}
          onChange={(rows) => change({ rows })}
          error={wrong("rows")}
          scale={0}
          min="0"
          isRequired
          isDisabled={isDisabled}
        />
      </div>
      <TextField
        label={say("sell.listing.sha256")}
        description={say("sell.listing.sha256.note")}
        value={draft.sha256}
        onChange={(sha256) => change({ sha256 })}
        error={wrong("sha256")}
        isRequired
        isDisabled={isDisabled}
        autoComplete="off"
      />
      <LocalizedField
        label={say("sell.listing.provenance")}
        description={say("sell.listing.provenance.note")}
        value={draft.provenance}
        onChange={(provenance) => change({ provenance })}
        error={wrong("provenance")}
        isMultiline
        isDisabled={isDisabled}
      />
    </>
  );
}

/** Computes length and hash of a file in the browser; the file itself stays where it is. */
function Measure({ change }: Pick<ContentFieldsProps, "change">) {
  const say = useSay();
  const [file, setFile] = useState<File | null>(null);
  const [isFailed, setFailed] = useState(false);
  const measure = async (chosen: File | null) => {
    setFile(chosen);
    setFailed(false);
    if (chosen === null) return;
    try {
      const digest = await crypto.subtle.digest("SHA-256", await chosen.arrayBuffer());
      const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      change({ bytes: String(chosen.size), sha256, ...(chosen.type === "" ? {} : { mediaType: chosen.type }) });
    } catch {
      setFailed(true);
    }
  };
  return (
    <FileField
      label={say("sell.listing.measure")}
      description={say("sell.listing.measure.note")}
      file={file}
      onChange={(chosen) => void measure(chosen)}
      error={isFailed ? say("sell.listing.measure.failed") : null}
      maxBytes={1_073_741_824}
    />
  );
}

export function ComputeTierFields(props: ContentFieldsProps) {
  const { draft, change, isDisabled } = props;
  const say = useSay();
  const wrong = useWrong(props);
  return (
    <div className={styles.pair}>
      <TextField
        label={say("sell.listing.chip")}
        placeholder="H100 SXM, Ascend 910B, EPYC 9654"
        value={draft.chip}
        onChange={(chip) => change({ chip })}
        error={wrong("chip")}
        isRequired
        isDisabled={isDisabled}
        autoComplete="off"
      />
      <NumberField
        label={say("sell.listing.chipCount")}
        value={draft.chipCount}
        onChange={(chipCount) => change({ chipCount })}
        error={wrong("chipCount")}
        scale={0}
        min="1"
        isRequired
        isDisabled={isDisabled}
      />
      <NumberField
        label={say("sell.listing.memoryGib")}
        suffix="GiB"
        value={draft.memoryGib}
        onChange={(memoryGib) => change({ memoryGib })}
        error={wrong("memoryGib")}
        scale={0}
        min="1"
        isRequired
        isDisabled={isDisabled}
      />
      <SelectField
        label={say("sell.listing.purpose")}
        value={draft.purpose}
        onChange={(purpose) => change({ purpose })}
        choices={PURPOSES.map((purpose) => ({ value: purpose, label: say(`sell.purpose.${purpose}`) }))}
        isDisabled={isDisabled}
      />
      <PlacementField {...props} />
    </div>
  );
}

function PlacementField({ draft, change, isDisabled }: ContentFieldsProps) {
  const say = useSay();
  return (
    <SelectField
      label={say("sell.listing.placement")}
      value={draft.placement}
      onChange={(placement) => change({ placement })}
      choices={PLACEMENTS.map((placement) => ({ value: placement, label: say(`sell.placement.${placement}`) }))}
      isDisabled={isDisabled}
    />
  );
}
