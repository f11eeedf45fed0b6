/** What the landing pages say of their own accord; all else is the client's. */
export interface LandingWords {
  /** BCP 47. */
  language: string;
  direction: "ltr" | "rtl";
  rehearsal: string;
  download: string;
  /** Title and text, for all that does not open. */
  notFound: readonly [string, string];
  /** For what cannot be shown right now. */
  busy: readonly [string, string];
}

type Row = Omit<LandingWords, "language" | "direction">;

const ENGLISH: Row = {
  rehearsal: "Rehearsal: this link is a test",
  download: "Download the video",
  notFound: [
    "This link does not open",
    "It may be out of date, or a part of it may be missing. Please open it once more from the message you were sent.",
  ],
  busy: ["One moment, please", "This page cannot be shown right now. Please try again in a little while."],
};

/** The same languages as the player's. */
const LANGUAGES: Readonly<Record<string, Row>> = {
  en: ENGLISH,
  de: {
    rehearsal: "Probelauf: Dieser Link ist ein Test",
    download: "Video herunterladen",
    notFound: [
      "Dieser Link öffnet sich nicht",
      "Vielleicht ist er abgelaufen, oder ein Teil davon fehlt. Bitte öffnen Sie ihn noch einmal aus der Nachricht, die Sie erhalten haben.",
    ],
    busy: [
      "Einen Moment, bitte",
      "Diese Seite kann gerade nicht angezeigt werden. Bitte versuchen Sie es gleich noch einmal.",
    ],
  },
  fr: {
    rehearsal: "Répétition : ce lien est un test",
    download: "Télécharger la vidéo",
    notFound: [
      "Ce lien ne s’ouvre pas",
      "Il a peut-être expiré, ou il en manque une partie. Veuillez l’ouvrir à nouveau depuis le message que vous avez reçu.",
    ],
    busy: [
      "Un instant, s’il vous plaît",
      "Cette page ne peut pas être affichée pour le moment. Veuillez réessayer dans un instant.",
    ],
  },
  es: {
    rehearsal: "Ensayo: este enlace es una prueba",
    download: "Descargar el vídeo",
    notFound: [
      "Este enlace no se abre",
      "Puede que haya caducado o que le falte una parte. Ábralo de nuevo desde el mensaje que recibió.",
    ],
    busy: ["Un momento, por favor", "Esta página no se puede mostrar ahora. Vuelva a intentarlo dentro de un momento."],
  },
  it: {
    rehearsal: "Prova: questo link è un test",
    download: "Scarica il video",
    notFound: [
      "Questo link non si apre",
      "Forse è scaduto, o ne manca una parte. Lo apra di nuovo dal messaggio che ha ricevuto.",
    ],
    busy: ["Un momento, per favore", "Questa pagina non può essere mostrata ora. Riprovi tra poco."],
  },
  nl: {
    rehearsal: "Repetitie: deze link is een test",
    download: "Video downloaden",
    notFound: [
      "Deze link gaat niet open",
      "Misschien is hij verlopen, of ontbreekt er een stuk. Open hem nog eens vanuit het bericht dat u hebt gekregen.",
    ],
    busy: [
      "Een ogenblik, alstublieft",
      "Deze pagina kan nu niet worden getoond. Probeer het over een ogenblik opnieuw.",
    ],
  },
  pt: {
    rehearsal: "Ensaio: esta ligação é um teste",
    download: "Transferir o vídeo",
    notFound: [
      "Esta ligação não abre",
      "Pode ter expirado, ou pode faltar uma parte. Abra-a de novo a partir da mensagem que recebeu.",
    ],
    busy: ["Um momento, por favor", "Esta página não pode ser mostrada agora. Tente de novo dentro de momentos."],
  },
  "pt-BR": {
    rehearsal: "Ensaio: este link é um teste",
    download: "Baixar o vídeo",
    notFound: [
      "Este link não abre",
      "Ele pode ter expirado, ou pode faltar uma parte. Abra-o de novo na mensagem que você recebeu.",
    ],
    busy: ["Um momento, por favor", "Esta página não pode ser exibida agora. Tente novamente em instantes."],
  },
  pl: {
    rehearsal: "Próba: ten link jest testowy",
    download: "Pobierz film",
    notFound: [
      "Ten link się nie otwiera",
      "Być może wygasł albo brakuje jego części. Proszę otworzyć go jeszcze raz z otrzymanej wiadomości.",
    ],
    busy: ["Chwileczkę", "Tej strony nie można teraz pokazać. Proszę spróbować za chwilę."],
  },
  tr: {
    rehearsal: "Prova: bu bağlantı bir denemedir",
    download: "Videoyu indir",
    notFound: [
      "Bu bağlantı açılmıyor",
      "Süresi dolmuş ya da bir bölümü eksik olabilir. Lütfen size gönderilen iletiden yeniden açın.",
    ],
    busy: ["Bir dakika lütfen", "Bu sayfa şu anda gösterilemiyor. Lütfen biraz sonra yeniden deneyin."],
  },
  he: {
    rehearsal: "חזרה: הקישור הזה הוא לבדיקה",
    download: "הורדת הסרטון",
    notFound: ["הקישור הזה לא נפתח", "ייתכן שפג תוקפו, או שחלק ממנו חסר. אפשר לפתוח אותו שוב מההודעה שקיבלתם."],
    busy: ["רגע אחד, בבקשה", "אי אפשר להציג את העמוד הזה כרגע. אפשר לנסות שוב בעוד רגע."],
  },
  ar: {
    rehearsal: "تجربة: هذا الرابط للاختبار",
    download: "تنزيل الفيديو",
    notFound: ["هذا الرابط لا يفتح", "ربما انتهت صلاحيته أو ينقصه جزء. يُرجى فتحه مرة أخرى من الرسالة التي وصلتك."],
    busy: ["لحظة من فضلك", "لا يمكن عرض هذه الصفحة الآن. يُرجى المحاولة مرة أخرى بعد قليل."],
  },
};

const RIGHT_TO_LEFT = new Set(["he", "ar"]);

/** The languages that the landing pages speak. */
export const LANDING_LANGUAGES: readonly string[] = Object.keys(LANGUAGES);

/** The words in a language (BCP 47), or in the same without its region; undefined where they are not spoken in it. */
function spoken(language: string): LandingWords | undefined {
  const name = [language, language.split("-")[0]!].find((tag) => Object.hasOwn(LANGUAGES, tag));
  if (name === undefined) return undefined;
  return { language: name, direction: RIGHT_TO_LEFT.has(name) ? "rtl" : "ltr", ...LANGUAGES[name]! };
}

/** The words in a page's language, or in English. */
export function landingWords(language: string): LandingWords {
  return spoken(language) ?? { language: "en", direction: "ltr", ...ENGLISH };
}

/** Longer ones are a program's. */
const MAX_HEADER_LENGTH = 200;

/**
 * The language that a visitor likes best of those that are spoken here, by `Accept-Language` (RFC 9110, section 12.5.4);
 * English where there is none.
 */
export function preferredLanguage(header: string | undefined): string {
  const wanted = (header ?? "")
    .slice(0, MAX_HEADER_LENGTH)
    .split(",")
    .flatMap((entry) => {
      const match = /^\s*([A-Za-z]{2,3})(?:-([A-Za-z0-9]{2,8}))*?\s*(?:;\s*q=([01](?:\.\d{1,3})?)\s*)?$/.exec(entry);
      if (match === null) return [];
      const region = /-([A-Za-z]{2})\b/.exec(entry)?.[1]?.toUpperCase();
      const name = match[1]!.toLowerCase();
      return [{ tag: region === undefined ? name : `${name}-${region}`, weight: Number(match[3] ?? 1) }];
    })
    .filter(({ weight }) => weight > 0)
    // Stable: of those liked alike, the first one named.
    .sort((a, b) => b.weight - a.weight);
  for (const { tag } of wanted) {
    const words = spoken(tag);
    if (words !== undefined) return words.language;
  }
  return "en";
}
