// Saves a receipt's file as it is: what is written into it by hand would no longer verify.
import { Link } from "@tanstack/react-router";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { buttonClass } from "@/ui/button-class";
import { Icon } from "@/ui/icons";

export function SaveReceipt({ id, file }: { id: string; file: string }) {
  const say = useSay();
  const save = () => {
    const url = URL.createObjectURL(new Blob([file], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${id}.receipt.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return (
    <p>
      <Button size="small" icon={<Icon name="download" />} onPress={save}>
        {say("receipt.save")}
      </Button>{" "}
      <Link to="/receipts/verify" className={buttonClass("quiet", "small")}>
        {say("receipt.verify.title")}
      </Link>
    </p>
  );
}
