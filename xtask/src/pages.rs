//! The library's pages: in each language a gallery, `s/`, and a page for each scenario, `s/NAME/`,
//! with what chats, feeds and posts ask for when they are given its address. They are plain HTML:
//! whoever has no script, or follows a link from a search, reads all of it.

use crate::address::Address;
use crate::card::{self, Cards};
use crate::cuts;
use crate::figures::{self, Drawn, Figure};
use crate::words::{self, escaped};
use crate::{languages, library, paths, shell};
use anyhow::{Context, Result};
use regex::Regex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// In dist/; English is there, any other language in a folder of its name.
const DIR: &str = "s";

/// What stands for all of the site, where a card of one scenario would mislead: the story.
const STORY: &str = "cloudflare-2020";

/// The sandbox that `www/panels/snippet.js` gives an author's frame.
const SANDBOX: &str = "allow-scripts allow-popups allow-popups-to-escape-sandbox";

/// So long may a description be: searches and chats cut it here.
const DESCRIPTION_MAX: usize = 300;

/// What fills the places of a template.
type Slots<'a> = Vec<(&'a str, String)>;

/// One language of the library.
struct Spoken<'a> {
    language: &'a str,
    /// Its sentences, with English ones where it has none.
    words: BTreeMap<String, String>,
    /// All languages, each with what it calls itself.
    called: &'a [(String, String)],
    at: Option<&'a Address>,
    /// Name and family of each scenario, and what is shown of it; in menu order.
    shown: Vec<(Value, Drawn)>,
}

/// Makes all of them in `dist`; without an address nothing that would need it.
pub(crate) fn build(dist: &Path, at: Option<&Address>) -> Result<()> {
    shell::announce("drawing the library's pages");
    let called = languages::called()?;
    let folder = |language: &str| dist.join(home(language));
    let draw = |language: &str| figures::draw(language, &folder(language));
    let drawn: Vec<Vec<Drawn>> = std::thread::scope(|scope| {
        let all = called.iter().map(|(name, _)| scope.spawn(|| draw(name)));
        let all: Vec<_> = all.collect();
        let ended = |it: std::thread::ScopedJoinHandle<'_, Result<Vec<Drawn>>>| {
            it.join().unwrap_or_else(|_| Err(anyhow::anyhow!("drawing was aborted")))
        };
        all.into_iter().map(ended).collect::<Result<_>>()
    })?;
    for ((language, _), drawn) in called.iter().zip(drawn) {
        let mut words = languages::words(languages::ENGLISH)?;
        words.extend(languages::words(language)?);
        let shown = library::entries(language)?.into_iter().zip(drawn).collect();
        let spoken = Spoken { language, words, called: &called, at, shown };
        spoken.write(dist)?;
        cards(&spoken.shown, &folder(language))?;
    }
    Ok(())
}

/// Where a language's pages are.
fn home(language: &str) -> String {
    if language == languages::ENGLISH { format!("{DIR}/") } else { format!("{DIR}/{language}/") }
}

/// Draws those cards that there are.
fn cards(shown: &[(Value, Drawn)], folder: &Path) -> Result<()> {
    let cards = Cards::new()?;
    let wanted: Vec<_> = shown.iter().filter(|(_, drawn)| drawn.card.is_some()).collect();
    let draw = |(entry, drawn): &(Value, Drawn)| -> Result<()> {
        let png = cards.png(drawn.card.as_deref().unwrap_or_default())?;
        Ok(fs::write(folder.join(name_of(entry)).join(card::FILE), png)?)
    };
    let half = wanted.len().div_ceil(2);
    std::thread::scope(|scope| {
        let (one, other) = wanted.split_at(half);
        let beside = scope.spawn(|| other.iter().try_for_each(|it| draw(it)));
        one.iter().try_for_each(|it| draw(it))?;
        beside.join().unwrap_or_else(|_| Err(anyhow::anyhow!("drawing was aborted")))
    })
}

fn name_of(entry: &Value) -> &str {
    entry["name"].as_str().unwrap_or_default()
}

impl Spoken<'_> {
    fn write(&self, dist: &Path) -> Result<()> {
        let home = home(self.language);
        let root = "../".repeat(home.matches('/').count());
        write(&dist.join(&home), "index.html", &self.gallery(&home, &root)?)?;
        let path = format!("{home}{}/", cuts::DIR);
        write(&dist.join(&path), "index.html", &self.cuts(&path, &format!("{root}../"))?)?;
        for place in 0..self.shown.len() {
            let (entry, drawn) = &self.shown[place];
            let path = format!("{home}{}/", name_of(entry));
            let page = self.scenario(place, &path, &format!("{root}../"))?;
            write(&dist.join(&path), "index.html", &page)?;
            if let Some(at) = self.at {
                let oembed = serde_json::to_string_pretty(&self.oembed(entry, drawn, at))?;
                write(&dist.join(&path), "oembed.json", &(oembed + "\n"))?;
            }
        }
        Ok(())
    }

    /// A sentence of the catalogue.
    fn said<'a>(&'a self, key: &'a str) -> &'a str {
        self.words.get(key).map_or(key, String::as_str)
    }

    /// A template with its sentences, and then with its slots, which may hold anything.
    fn filled(&self, template: &str, slots: &Slots<'_>) -> Result<String> {
        let page = words::filled(&figures::template(template)?, &self.words)?;
        let mut pieces = page.split("[[");
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (name, rest) = piece.split_once("]]").context("a page has [[ without ]]")?;
            let slot = slots.iter().find(|(slot, _)| *slot == name);
            let (_, slot) = slot.with_context(|| format!("nothing fills [[{name}]]"))?;
            out.push_str(slot);
            out.push_str(rest);
        }
        Ok(out)
    }

    /// The bar at the top of a page, of which `inside` is the part behind its language's folder.
    fn bar(&self, root: &str, inside: &str) -> String {
        let link = |(name, called): &(String, String)| {
            format!(
                "<a href=\"{root}{}{inside}\" lang=\"{name}\" hreflang=\"{name}\">{called}</a>",
                home(name)
            )
        };
        let languages: String = self.called.iter().map(link).collect();
        format!(
            "<header class=\"bar\"><a class=\"logo\" href=\"{}\">{}Halflink</a>\
             <nav class=\"languages\">{languages}</nav></header>\n",
            self.play(root, ""),
            include_str!("../pages/logo.svg").trim(),
        )
    }

    /// The playground, in the language of the page, with a scenario or without.
    fn play(&self, root: &str, name: &str) -> String {
        let asked = match self.language {
            languages::ENGLISH => String::new(),
            language => format!("?lang={language}"),
        };
        let hash = if name.is_empty() { String::new() } else { format!("#{name}") };
        format!("{root}{asked}{hash}")
    }

    fn gallery(&self, home: &str, root: &str) -> Result<String> {
        let mut families: Vec<&str> = Vec::new();
        let mut sections = String::new();
        for (entry, drawn) in &self.shown {
            let family = entry["family"].as_str().unwrap_or_default();
            if families.last() != Some(&family) {
                sections.push_str(if families.is_empty() { "" } else { "</ul></section>\n" });
                let name = escaped(self.said(&format!("family-of.{family}")));
                write!(
                    sections,
                    "<section aria-labelledby=\"{family}\"><h2 id=\"{family}\">{name}</h2>\n\
                     <ul class=\"gallery\">\n"
                )?;
                families.push(family);
            }
            sections.push_str(&self.in_gallery(name_of(entry), drawn));
        }
        sections.push_str("</ul></section>\n");
        let link = |family: &&str| {
            let name = escaped(self.said(&format!("family-of.{family}")));
            format!("<a href=\"#{family}\">{name}</a>")
        };
        let (title, description) = (self.said("library.title"), self.said("library.description"));
        let slots = vec![
            ("direction", self.said("page.direction").to_owned()),
            ("root", root.to_owned()),
            ("head", self.head("", home, title, description, STORY)),
            ("bar", self.bar(root, "")),
            ("families", families.iter().map(link).collect()),
            ("sections", sections),
            ("cuts", cuts::DIR.to_owned()),
        ];
        self.filled("library.html", &slots)
    }

    /// What sets of one-way cuts do to each protocol.
    fn cuts(&self, path: &str, root: &str) -> Result<String> {
        let (title, description) = (self.said("cuts.title"), self.said("cuts.description"));
        let inside = format!("{}/", cuts::DIR);
        let said = |key: &str| self.said(key).to_owned();
        let slots = vec![
            ("direction", said("page.direction")),
            ("root", root.to_owned()),
            ("head", self.head(&inside, path, title, description, STORY)),
            ("bar", self.bar(root, &inside)),
            ("tables", cuts::tables(&said, &|link| self.play(root, link))?),
        ];
        self.filled("cuts.html", &slots)
    }

    /// A scenario in the gallery.
    fn in_gallery(&self, name: &str, drawn: &Drawn) -> String {
        let Figure { width, height, words } = &drawn.small;
        let [title, lead, words] = [&drawn.title, &drawn.lead, words].map(|it| escaped(it));
        format!(
            "<li><h3><a href=\"{name}/\">{title}</a></h3>\n\
             <img src=\"{name}/small.svg\" width=\"{width}\" height=\"{height}\" loading=\"lazy\" \
             alt=\"{words}\">\n<p class=\"said\">{lead}</p>\n\
             <p class=\"outcome\">{}</p>\n{}</li>\n",
            how_it_ended(drawn, false),
            self.source(drawn)
        )
    }

    fn source(&self, drawn: &Drawn) -> String {
        let Some(source) = &drawn.source else { return String::new() };
        let address = Regex::new(r#"https://[^\s<"]+"#).expect("constant");
        let linked = escaped(source);
        let linked = address.replace_all(&linked, |found: &regex::Captures<'_>| {
            let shown = found[0].trim_start_matches("https://").trim_end_matches('/');
            format!("<a href=\"{}\" rel=\"noopener\">{shown}</a>", &found[0])
        });
        format!("<p class=\"source\">{} · {linked}</p>\n", escaped(self.said("library.source")))
    }

    fn scenario(&self, place: usize, path: &str, root: &str) -> Result<String> {
        let (entry, drawn) = &self.shown[place];
        let (name, family) = (name_of(entry), entry["family"].as_str().unwrap_or_default());
        let description = description(drawn);
        let told = drawn.story.iter().map(|told| {
            let [at, text] = [&told.at, &told.text].map(|it| escaped(it));
            format!("<li><time>{at}</time><span>{text}</span></li>\n")
        });
        let beside = |place: Option<usize>, rel: &str| {
            let neighbour = place.and_then(|place| self.shown.get(place));
            neighbour.map_or_else(String::new, |(entry, drawn)| {
                let title = escaped(&drawn.title);
                format!("<a href=\"../{}/\" rel=\"{rel}\">{title}</a>", name_of(entry))
            })
        };
        let neighbours = beside(place.checked_sub(1), "prev") + &beside(Some(place + 1), "next");
        let mut slots = vec![
            ("direction", self.said("page.direction").to_owned()),
            ("root", root.to_owned()),
            ("title", escaped(&drawn.title)),
            ("description", escaped(&description)),
            ("head", self.head(&format!("{name}/"), path, &drawn.title, &description, name)),
            ("bar", self.bar(root, &format!("{name}/"))),
            ("library", "../".to_owned()),
            ("family", family.to_owned()),
            ("family-name", escaped(self.said(&format!("family-of.{family}")))),
            ("lead", escaped(&drawn.lead)),
            ("outcome", how_it_ended(drawn, true)),
            ("play", self.play(root, name)),
            ("at", escaped(&drawn.at)),
            ("story", told.collect()),
            ("source", self.source(drawn)),
            ("text", escaped(entry["text"].as_str().unwrap_or_default())),
            ("beside", neighbours),
        ];
        slots.extend(sized(["strip-width", "strip-height", "strip-words"], &drawn.strip));
        slots.extend(sized(["small-width", "small-height", "small-words"], &drawn.small));
        slots.extend(sized(["logic-width", "logic-height", "logic-words"], &drawn.logic));
        self.filled("scenario.html", &slots)
    }

    /// What others ask of a page. inside: the page, behind its language's folder; pictured: whose
    /// card it has.
    fn head(
        &self,
        inside: &str,
        path: &str,
        title: &str,
        description: &str,
        pictured: &str,
    ) -> String {
        let mut head = about(title, description, pictured, path, self.at);
        let Some(at) = self.at else { return head };
        for (name, _) in self.called {
            let address = at.of(&format!("{}{inside}", home(name)));
            head += &format!("<link rel=\"alternate\" hreflang=\"{name}\" href=\"{address}\">\n");
        }
        if pictured == inside.trim_end_matches('/') {
            let address = at.of(&format!("{path}oembed.json"));
            head += &format!(
                "<link rel=\"alternate\" type=\"application/json+oembed\" href=\"{address}\" \
                 title=\"{}\">\n",
                escaped(title)
            );
        }
        head
    }

    /// What a post that is given the page's address shows: <https://oembed.com>, 2.3.4.4.
    fn oembed(&self, entry: &Value, drawn: &Drawn, at: &Address) -> Value {
        let name = name_of(entry);
        let language = match self.language {
            languages::ENGLISH => String::new(),
            language => format!("&lang={language}"),
        };
        let frame = &drawn.frame;
        let html = format!(
            "<iframe src=\"{}\" sandbox=\"{SANDBOX}\" width=\"{}\" height=\"{}\" \
             style=\"max-width:100%;border:0\" loading=\"lazy\" title=\"{}\"></iframe>",
            escaped(&at.of(&format!("embed.html#{name}{language}"))),
            frame.width,
            frame.height,
            escaped(&frame.title)
        );
        json!({
            "version": "1.0",
            "type": "rich",
            "title": drawn.title,
            "provider_name": "Halflink",
            "provider_url": at.of(""),
            "cache_age": 86_400,
            "html": html,
            "width": frame.width,
            "height": frame.height,
            "thumbnail_url": at.of(&format!("{DIR}/{name}/{}", card::FILE)),
            "thumbnail_width": card::WIDTH,
            "thumbnail_height": card::HEIGHT,
        })
    }
}

/// What chats and feeds ask of any page. pictured: whose card it has.
pub(crate) fn about(
    title: &str,
    description: &str,
    pictured: &str,
    path: &str,
    at: Option<&Address>,
) -> String {
    let property =
        |name: &str, value: &str| format!("<meta property=\"{name}\" content=\"{value}\">\n");
    let [title, description] = [title, description].map(escaped);
    let mut head = property("og:type", "website")
        + &property("og:site_name", "Halflink")
        + &property("og:title", &title)
        + &property("og:description", &description);
    let Some(at) = at else { return head };
    let address = at.of(path);
    head += &format!("<link rel=\"canonical\" href=\"{address}\">\n");
    head += &property("og:url", &address);
    head += &property("og:image", &at.of(&format!("{DIR}/{pictured}/{}", card::FILE)));
    head += &property("og:image:width", &card::WIDTH.to_string());
    head += &property("og:image:height", &card::HEIGHT.to_string());
    head += &property("og:image:alt", &title);
    head + "<meta name=\"twitter:card\" content=\"summary_large_image\">\n"
}

/// The same of the playground itself.
pub(crate) fn about_playground(at: Option<&Address>) -> Result<String> {
    let words = languages::words(languages::ENGLISH)?;
    Ok(about("Halflink", &words["page.description"], STORY, "", at))
}

/// The slots of a figure: how large it is, and what it shows.
fn sized<'a>([width, height, words]: [&'a str; 3], figure: &Figure) -> Slots<'a> {
    vec![
        (width, figure.width.to_string()),
        (height, figure.height.to_string()),
        (words, escaped(&figure.words)),
    ]
}

/// Under which protocol, and what came of it.
fn how_it_ended(drawn: &Drawn, in_full: bool) -> String {
    let protocol = escaped(&drawn.protocol);
    let Some(outcome) = &drawn.outcome else { return protocol };
    let word = escaped(&outcome.word);
    let felt = if in_full { format!(" · {}", escaped(&outcome.felt)) } else { String::new() };
    format!("{protocol} · <b data-word=\"{}\">{word}</b>{felt}", outcome.name)
}

/// What the author says first, as much of it as is read elsewhere.
fn description(drawn: &Drawn) -> String {
    let words = if drawn.lead.is_empty() { &drawn.title } else { &drawn.lead };
    if words.chars().count() <= DESCRIPTION_MAX {
        return words.clone();
    }
    let short: String = words.chars().take(DESCRIPTION_MAX - 1).collect();
    format!("{}…", short.rsplit_once(' ').map_or(short.as_str(), |(whole, _)| whole))
}

fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    let path = folder.join(name);
    fs::create_dir_all(folder)?;
    fs::write(&path, text).with_context(|| paths::shown(&path))
}
