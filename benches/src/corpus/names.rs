//! Data for invented people: names in several scripts with their ASCII form, places, and texts.
//!
//! The names are common given and family names, combined at random. They do not stand for real people.

/// Names of one script, each with the ASCII form for e-mail addresses.
pub(super) struct People {
    pub(super) given: &'static [(&'static str, &'static str)],
    pub(super) family: &'static [(&'static str, &'static str)],
    pub(super) cities: &'static [&'static str],
    pub(super) country: &'static str,
    pub(super) locale: &'static str,
    /// The country calling code.
    pub(super) calling: &'static str,
}

/// The scripts, with how many of 1000 users have them.
const PEOPLE: [(u64, People); 9] = [
    (640, LATIN),
    (190, ACCENTED),
    (40, CYRILLIC),
    (35, CHINESE),
    (25, JAPANESE),
    (25, ARABIC),
    (20, GREEK),
    (15, KOREAN),
    (10, DEVANAGARI),
];

/// Returns the names for a number below 1000.
pub(super) fn people(mut number: u64) -> &'static People {
    for (weight, people) in &PEOPLE {
        if number < *weight {
            return people;
        }
        number -= weight;
    }
    &LATIN
}

const LATIN: People = People {
    given: &[
        ("Ada", "ada"),
        ("Alice", "alice"),
        ("Amelia", "amelia"),
        ("Ben", "ben"),
        ("Bo", "bo"),
        ("Caleb", "caleb"),
        ("Clara", "clara"),
        ("Dara", "dara"),
        ("Daniel", "daniel"),
        ("Eli", "eli"),
        ("Emma", "emma"),
        ("Fay", "fay"),
        ("Felix", "felix"),
        ("Grace", "grace"),
        ("Gus", "gus"),
        ("Hana", "hana"),
        ("Henry", "henry"),
        ("Ivo", "ivo"),
        ("Isla", "isla"),
        ("Jack", "jack"),
        ("Julia", "julia"),
        ("Kit", "kit"),
        ("Laura", "laura"),
        ("Liam", "liam"),
        ("Mara", "mara"),
        ("Max", "max"),
        ("Nina", "nina"),
        ("Noah", "noah"),
        ("Olive", "olive"),
        ("Oscar", "oscar"),
        ("Paula", "paula"),
        ("Quentin", "quentin"),
        ("Rosa", "rosa"),
        ("Ruth", "ruth"),
        ("Sam", "sam"),
        ("Tess", "tess"),
        ("Theo", "theo"),
        ("Uma", "uma"),
        ("Victor", "victor"),
        ("Wanda", "wanda"),
        ("Yara", "yara"),
        ("Zeno", "zeno"),
    ],
    family: &[
        ("Archer", "archer"),
        ("Baker", "baker"),
        ("Barlow", "barlow"),
        ("Carver", "carver"),
        ("Clarke", "clarke"),
        ("Dawson", "dawson"),
        ("Drake", "drake"),
        ("Ellis", "ellis"),
        ("Finch", "finch"),
        ("Fletcher", "fletcher"),
        ("Garner", "garner"),
        ("Hale", "hale"),
        ("Harlow", "harlow"),
        ("Hughes", "hughes"),
        ("Ingram", "ingram"),
        ("Jansen", "jansen"),
        ("Keller", "keller"),
        ("Lund", "lund"),
        ("Marsh", "marsh"),
        ("Mason", "mason"),
        ("Nash", "nash"),
        ("O'Neill", "oneill"),
        ("Osborne", "osborne"),
        ("Parker", "parker"),
        ("Quill", "quill"),
        ("Reed", "reed"),
        ("Rossi", "rossi"),
        ("Sawyer", "sawyer"),
        ("Shaw", "shaw"),
        ("Stone", "stone"),
        ("Tanner", "tanner"),
        ("Thorne", "thorne"),
        ("Underwood", "underwood"),
        ("Vance", "vance"),
        ("van der Meer", "vandermeer"),
        ("Walsh", "walsh"),
        ("Weaver", "weaver"),
        ("Wright", "wright"),
        ("Young", "young"),
        ("Zimmer", "zimmer"),
    ],
    cities: &["Leeds", "Bristol", "Dayton", "Boulder", "Portland", "Halifax", "Hobart", "Cork"],
    country: "GB",
    locale: "en-GB",
    calling: "44",
};

const ACCENTED: People = People {
    given: &[
        ("André", "andre"),
        ("Björn", "bjorn"),
        ("Chloé", "chloe"),
        ("Åsa", "asa"),
        ("İpek", "ipek"),
        ("José", "jose"),
        ("Łukasz", "lukasz"),
        ("Małgorzata", "malgorzata"),
        ("Noël", "noel"),
        ("Søren", "soren"),
        ("Zoë", "zoe"),
        ("Žofie", "zofie"),
    ],
    family: &[
        ("Azevêdo", "azevedo"),
        ("Bąk", "bak"),
        ("Brontë", "bronte"),
        ("Dvořák", "dvorak"),
        ("Fernández", "fernandez"),
        ("Groß", "gross"),
        ("Håkansson", "hakansson"),
        ("Jørgensen", "jorgensen"),
        ("Müller", "mueller"),
        ("Núñez", "nunez"),
        ("Şahin", "sahin"),
        ("Żak", "zak"),
    ],
    cities: &["München", "Kraków", "Århus", "São Paulo", "Málaga", "İzmir"],
    country: "DE",
    locale: "de-DE",
    calling: "49",
};

const CYRILLIC: People = People {
    given: &[
        ("Анна", "anna"),
        ("Борис", "boris"),
        ("Вера", "vera"),
        ("Дмитро", "dmytro"),
        ("Ирина", "irina"),
    ],
    family: &[("Гончар", "honchar"), ("Коваль", "koval"), ("Мельник", "melnyk"), ("Орлова", "orlova")],
    cities: &["Київ", "Львів", "София"],
    country: "UA",
    locale: "uk-UA",
    calling: "380",
};

const CHINESE: People = People {
    given: &[("晨", "chen"), ("美玲", "meiling"), ("伟", "wei"), ("小明", "xiaoming"), ("雪", "xue")],
    family: &[("王", "wang"), ("李", "li"), ("张", "zhang"), ("歐陽", "ouyang"), ("𠮷", "ji")],
    cities: &["上海", "成都", "台北"],
    country: "TW",
    locale: "zh-TW",
    calling: "886",
};

const JAPANESE: People = People {
    given: &[("さくら", "sakura"), ("健太", "kenta"), ("ユミ", "yumi"), ("陽葵", "himari")],
    family: &[("佐藤", "sato"), ("鈴木", "suzuki"), ("髙橋", "takahashi"), ("田中", "tanaka")],
    cities: &["東京", "大阪", "札幌"],
    country: "JP",
    locale: "ja-JP",
    calling: "81",
};

const ARABIC: People = People {
    given: &[("أمل", "amal"), ("كريم", "karim"), ("ليلى", "layla"), ("نور", "nour"), ("יעל", "yael")],
    family: &[("حداد", "haddad"), ("الخوري", "alkhoury"), ("منصور", "mansour"), ("כהן", "cohen")],
    cities: &["عمّان", "بيروت", "חיפה"],
    country: "JO",
    locale: "ar-JO",
    calling: "962",
};

const GREEK: People = People {
    given: &[("Ελένη", "eleni"), ("Γιώργος", "giorgos"), ("Μαρία", "maria")],
    family: &[("Νικολάου", "nikolaou"), ("Παππάς", "pappas"), ("Δήμου", "dimou")],
    cities: &["Αθήνα", "Πάτρα"],
    country: "GR",
    locale: "el-GR",
    calling: "30",
};

const KOREAN: People = People {
    given: &[("지민", "jimin"), ("서연", "seoyeon"), ("민준", "minjun")],
    family: &[("김", "kim"), ("박", "park"), ("최", "choi")],
    cities: &["서울", "부산"],
    country: "KR",
    locale: "ko-KR",
    calling: "82",
};

const DEVANAGARI: People = People {
    given: &[("आरव", "aarav"), ("दिया", "diya"), ("मीरा", "meera")],
    family: &[("शर्मा", "sharma"), ("पटेल", "patel"), ("सिंह", "singh")],
    cities: &["मुंबई", "दिल्ली"],
    country: "IN",
    locale: "hi-IN",
    calling: "91",
};

/// Domains that are reserved for examples (RFC 2606).
pub(super) const MAIL_DOMAINS: [&str; 7] = [
    "example.com",
    "example.net",
    "example.org",
    "mail.example",
    "post.example",
    "inbox.example",
    "webmail.example.net",
];

/// Companies that have an enterprise connection.
pub(super) const COMPANIES: [&str; 8] =
    ["acme", "birch", "cobalt", "delta", "ember", "fathom", "granite", "harbor"];

/// Emoji that follow a few names.
pub(super) const EMOJI: [&str; 6] = ["🦄", "🚀", "👩‍💻", "🇵🇱", "✨", "☕️"];

/// Free text of users, with characters that need an escape in JSON, in CSV or in a spreadsheet.
pub(super) const BIOS: [&str; 14] = [
    "likes tea, and rain",
    "line one\nline two\té🦄",
    "says \"hello\" a lot",
    "=SUM(A1)",
    "'quoted by the user'",
    "C:\\Users\\me",
    "@cmd|' /C calc'!A0",
    "first\r\nsecond",
    "née Müller, plays the 🎻",
    "runs, reads, repairs bicycles",
    "<script>alert(1)</script>",
    "a\u{2028}separator",
    "-1+1",
    "tabs\tand\u{8}bells",
];

/// Consent texts. They are long, and the same for many users.
pub(super) const CONSENTS: [&str; 5] = [
    "I agree to the terms of service and to the privacy notice, version 4.2",
    "I agree that my usage may be analysed in order to improve the service, version 2.0",
    "I agree to receive the monthly newsletter and may take this back at any time, version 1.7",
    "Ich stimme der Verarbeitung meiner Daten gemäß der Datenschutzerklärung zu, Fassung 3.1",
    "J'accepte les conditions générales et la politique de confidentialité, version 3.0",
];

/// Departments, roles, plans and other values of the application.
pub(super) const DEPARTMENTS: [&str; 8] =
    ["engineering", "finance", "marketing", "operations", "people", "research", "sales", "support"];
pub(super) const ROLES: [&str; 8] =
    ["admin", "auditor", "billing", "editor", "member", "owner", "publisher", "viewer"];
pub(super) const PLANS: [&str; 5] = ["free", "starter", "pro", "team", "enterprise"];
pub(super) const REGIONS: [&str; 4] = ["eu", "us", "apac", "uk"];
pub(super) const THEMES: [&str; 3] = ["dark", "light", "system"];
pub(super) const STREETS: [&str; 10] = [
    "Mill Lane",
    "Station Road",
    "Hauptstraße",
    "Rue de l'Église",
    "High Street",
    "Oak Avenue",
    "Harbour Walk",
    "Via Roma",
    "Park Row",
    "Old Market",
];
