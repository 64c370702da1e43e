// The store's logo: chosen here, decoded, bounded and written anew by the platform.
import { useEffect, useRef, useState } from "react";
import { useAct } from "@/lib/act";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { FileField } from "@/ui/file-field";
import { fieldError, FormErrors } from "@/ui/form-errors";
import { Section } from "@/ui/page";
import { useToast } from "@/ui/toast";
import desk from "../desk/desk.module.css";
import { useDeskRefusals } from "../desk/refusals";
import type { SellStorePageFragment } from "./sell-store.generated";
import { SellRemoveStoreLogo, SellSetStoreLogo } from "./store-logo.generated";
import styles from "./store-preview.module.css";

const TYPES = ["image/png", "image/jpeg", "image/webp"];
const BYTES_MAX = 524_288;

export function StoreLogo({ store }: { store: SellStorePageFragment }) {
  const say = useSay();
  const toast = useToast();
  const [file, setFile] = useState<File | null>(null);
  const { run, errors, isPending } = useAct(SellSetStoreLogo, (data) => data.setStoreLogo);
  const refused = useDeskRefusals(errors);
  const save = async () => {
    if (file === null) return;
    if ((await run({ image: await base64Of(file) })) === null) return;
    setFile(null);
    toast({ title: say("sell.logo.saved"), tone: "good" });
  };
  return (
    <Section title={say("sell.logo.title")} note={say("sell.logo.note")}>
      <div className={desk.stack}>
        <div className={desk.row}>
          {store.logo !== null && <img className={styles.logo} src={store.logo.url} alt={say("sell.logo.alt")} />}
          {store.logo === null && file === null && <span className={desk.soft}>{say("sell.logo.none")}</span>}
          {file !== null && <Chosen file={file} />}
        </div>
        <FileField
          label={say("sell.logo.choose")}
          description={say("sell.logo.choose.note")}
          accept={TYPES}
          maxBytes={BYTES_MAX}
          file={file}
          onChange={setFile}
          error={fieldError(refused, "image")}
        />
        <FormErrors errors={refused} shownAtField={["image"]} />
        <div className={desk.row}>
          <Button variant="primary" isDisabled={file === null} isPending={isPending} onPress={() => void save()}>
            {say("sell.logo.save")}
          </Button>
          {store.logo !== null && <Remove />}
        </div>
      </div>
    </Section>
  );
}

function Remove() {
  const say = useSay();
  const toast = useToast();
  const [isOpen, setOpen] = useState(false);
  const { run, errors } = useAct(SellRemoveStoreLogo, (data) => data.removeStoreLogo);
  const refused = useDeskRefusals(errors);
  const confirm = async () => {
    if ((await run({})) === null) return false;
    toast({ title: say("sell.logo.removed"), tone: "good" });
    return true;
  };
  return (
    <>
      <Button variant="quiet" onPress={() => setOpen(true)}>
        {say("sell.logo.remove")}
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={say("sell.logo.remove.title")}
        body={
          <>
            <p>{say("sell.logo.remove.body")}</p>
            <FormErrors errors={refused} />
          </>
        }
        confirmLabel={say("sell.logo.remove")}
        tone="danger"
        onConfirm={confirm}
      />
    </>
  );
}

/** Draws a chosen file: the pages' policy lets no address of a local file be shown. */
function Chosen({ file }: { file: File }) {
  const say = useSay();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let isGone = false;
    createImageBitmap(file).then(
      (image) => {
        if (!isGone && canvas.current !== null) draw(canvas.current, image);
        image.close();
      },
      // What is no image is refused by the platform, which says so at the field.
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, [file]);
  return (
    <>
      <canvas ref={canvas} className={styles.logo} width={SIDE} height={SIDE} role="img" aria-label={say("sell.logo.chosen")} />
      <span className={desk.fine}>{say("sell.logo.unsaved")}</span>
    </>
  );
}

const SIDE = 192;

function draw(canvas: HTMLCanvasElement, image: ImageBitmap): void {
  const scale = Math.min(SIDE / image.width, SIDE / image.height);
  const [width, height] = [image.width * scale, image.height * scale];
  const context = canvas.getContext("2d");
  context?.clearRect(0, 0, SIDE, SIDE);
  context?.drawImage(image, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^,]*,/, ""));
    reader.onerror = () => reject(reader.error ?? new Error(file.name));
    reader.readAsDataURL(file);
  });
}
