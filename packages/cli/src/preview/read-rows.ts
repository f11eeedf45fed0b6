import { open } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "@inlet/contracts";
