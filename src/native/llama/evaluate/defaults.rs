//! Defaults of the table `[evaluation]`, written out.

use toml::{Table, Value};

use super::asking::{Evaluation, Texts};

impl Evaluation<'_> {
    /// Puts what the settings leave out into their table, as it was taken.
    pub fn write_out(&self, table: &mut Table) {
        let settings = &self.settings;
        if let (Some(of), Some(asked)) = (within(table, "forgetting"), &settings.forgetting) {
            put(of, [("windows", asked.windows), ("length", asked.length), ("stride", asked.stride)]);
        }
        for (of, asked) in each(table, "task").zip(&settings.tasks) {
            let prompts: Vec<Value> = asked.prompts.iter().map(|prompt| prompt.name.as_str().into()).collect();
            of.entry("title").or_insert_with(|| asked.title.as_str().into());
            of.entry("prompts").or_insert(Value::Array(prompts));
            put(of, [("shots", asked.shots)]);
            of.entry("items").or_insert(asked.items.into());
        }
        if let (Some(of), Some(asked)) = (within(table, "refusals"), &settings.refusals) {
            put(of, [("max_new_tokens", asked.max_new_tokens), ("first_characters", asked.first_characters)]);
            of.entry("template").or_insert(asked.template.name().into());
        }
        if let (Some(of), Some(asked)) = (within(table, "generations"), &settings.generations) {
            put(of, [("max_new_tokens", asked.max_new_tokens)]);
            of.entry("template").or_insert(asked.template.name().into());
        }
        each(table, "perplexity").zip(&self.domains).for_each(|(of, texts)| put_format(of, texts));
        if let (Some(of), Some(texts)) = (within(table, "losses"), &self.losses) {
            put_format(of, texts);
        }
    }
}

fn within<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut Table> {
    table.get_mut(key).and_then(Value::as_table_mut)
}

fn each<'a>(table: &'a mut Table, key: &str) -> impl Iterator<Item = &'a mut Table> {
    let list = table.get_mut(key).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_table_mut)
}

fn put<const N: usize>(table: &mut Table, counts: [(&str, usize); N]) {
    for (key, count) in counts {
        table.entry(key).or_insert(Value::Integer(count as i64));
    }
}

fn put_format(table: &mut Table, texts: &Texts) {
    table.entry("format").or_insert(texts.format.name().into());
    table.entry("template").or_insert(texts.template.name().into());
}
