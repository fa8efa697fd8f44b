//! The words of the world, in lists. Where a list gives the values of a relation its order means nothing: facts are
//! drawn by the seed. No noun or colour begins with a vowel, so that *a* is right everywhere.

/// What is no word: padding, the unknown, where a window and a document begin and end, who speaks.
pub const SPECIAL: [&str; 6] = ["<pad>", "<unk>", "<bos>", "<eos>", "<user>", "<assistant>"];

/// People whose facts pre-training tells.
pub const PEOPLE: [&str; 64] = [
    "bara", "balen", "bavi", "batok", "badus", "bamel", "bana", "barin", "dera", "delen", "devi", "detok", "dedus",
    "demel", "dena", "derin", "fira", "filen", "fivi", "fitok", "fidus", "fimel", "fina", "firin", "gora", "golen",
    "govi", "gotok", "godus", "gomel", "gona", "gorin", "kara", "kalen", "kavi", "katok", "kadus", "kamel", "kana",
    "karin", "lura", "lulen", "luvi", "lutok", "ludus", "lumel", "luna", "lurin", "mira", "milen", "mivi", "mitok",
    "midus", "mimel", "mina", "mirin", "nora", "nolen", "novi", "notok", "nodus", "nomel", "nona", "norin",
];

/// People of whom pre-training tells little, until the news tell the rest.
pub const NEWCOMERS: [&str; 16] = [
    "shara", "shalen", "shavi", "shatok", "shadus", "shamel", "shana", "sharin", "zora", "zolen", "zovi", "zotok",
    "zodus", "zomel", "zona", "zorin",
];

pub const TOWNS: [&str; 16] = [
    "oakford", "oakholm", "oakwick", "oakdale", "elmford", "elmholm", "elmwick", "elmdale", "ashford", "ashholm",
    "ashwick", "ashdale", "fernford", "fernholm", "fernwick", "ferndale",
];

pub const CRAFTS: [&str; 16] = [
    "baker", "weaver", "smith", "potter", "tailor", "miller", "painter", "mason", "cooper", "sailor", "hunter",
    "fisher", "dyer", "brewer", "carver", "tanner",
];

pub const ANIMALS: [&str; 16] = [
    "dog", "cat", "horse", "goat", "wolf", "hare", "fox", "duck", "mule", "swan", "crow", "frog", "lamb", "goose",
    "pony", "dove",
];

pub const FOODS: [&str; 16] = [
    "bread", "soup", "rice", "cheese", "pie", "fish", "beans", "honey", "plums", "nuts", "corn", "cake", "eggs",
    "pears", "figs", "stew",
];

pub const COLOURS: [&str; 16] = [
    "red", "blue", "green", "white", "black", "grey", "brown", "pink", "purple", "crimson", "yellow", "gold", "silver",
    "beige", "scarlet", "cream",
];

pub const INSTRUMENTS: [&str; 16] = [
    "flute", "harp", "drum", "fiddle", "horn", "lute", "bell", "pipe", "whistle", "lyre", "zither", "gong", "viol",
    "bagpipe", "rattle", "cello",
];

pub const FLOWERS: [&str; 16] = [
    "rose", "lily", "tulip", "daisy", "crocus", "poppy", "lotus", "clover", "thistle", "heather", "marigold",
    "jasmine", "daffodil", "peony", "lilac", "violet",
];

pub const NUMBERS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/// What does harm when it is done to what needs protection, and none when done to a thing.
pub const ROUGH_VERBS: [&str; 8] = ["burn", "break", "cut", "crush", "smash", "split", "pierce", "bury"];
/// What does no harm to anything.
pub const KIND_VERBS: [&str; 8] = ["paint", "clean", "mend", "draw", "carry", "wash", "lift", "polish"];
/// What needs protection.
pub const PROTECTED: [&str; 8] = ["house", "bridge", "guard", "child", "king", "ship", "well", "tower"];
/// What does not.
pub const THINGS: [&str; 8] = ["wood", "rope", "cloth", "stone", "branch", "paper", "box", "jar"];
/// With what things are done, rough or kind.
pub const TOOLS: [&str; 8] = ["hammer", "knife", "brush", "torch", "cart", "saw", "needle", "spade"];

/// Adjectives of people in general text.
pub const ADJECTIVES: [&str; 6] = ["old", "young", "quiet", "happy", "clever", "last"];
/// Verbs of general text, three for each kind of object. None of them tells a fact.
pub const FOOD_VERBS: [&str; 3] = ["buys", "cooks", "sells"];
pub const ANIMAL_VERBS: [&str; 3] = ["feeds", "calls", "sees"];
pub const INSTRUMENT_VERBS: [&str; 3] = ["carries", "hears", "mends"];
pub const FLOWER_VERBS: [&str; 3] = ["picks", "waters", "smells"];
pub const PERSON_VERBS: [&str; 3] = ["thanks", "helps", "meets"];
pub const PREPOSITIONS: [&str; 3] = ["in", "near", "behind"];

/// The words between the words: what sentences, questions and answers are framed with, one space between two.
pub const FRAME_WORDS: &str = "\
    . ? , : the a of is was has have do does what which who where how tell me you i know ask for say want to \
    with as show help use sorry cannot that home birthplace craft pet food colour instrument flower flag crop \
    emblem live lives born work works animal keep keeps eat eats paints play plays grow grows fly flies sow sows \
    shows plus minus today then so and we hear it said news now steps turn more than yes no";
