// What Slack's own types say of the surfaces that we use.
import type { HomeView, KnownBlock, ModalView, OptionGroup } from "@slack/types";

export interface Official {
  message: KnownBlock[];
  modal: ModalView;
  home: HomeView;
  group: OptionGroup; // its limits are told nowhere else
}
