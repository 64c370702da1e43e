//! `tallystick rebuild`: the views of this program, beside those in use.

use anyhow::{Context, Result};
use eventlog::incarnation::{self, PlatformLog};
use eventlog::port::Filter;
use kernel::event::StreamName;
use tokio::task::block_in_place;
use views::store::Rebuild as Building;

use crate::cli::Rebuild;
use crate::log::LogReader;
use crate::paths::DataDirectory;
use crate::progress::Told;

/// Events applied at once.
const PAGE: usize = 500;

/// Builds up to where the log ends now; the rest is a moment's work at the start.
pub async fn run(options: &Rebuild) -> Result<()> {
    let directory = DataDirectory::existing(&options.data)?;
    let reader = LogReader::open(directory.path(), options.data.log.as_ref()).await;
    let reader = reader.context("the log cannot be opened")?;
    let named = reader.last_of(&StreamName::of(&PlatformLog)).await?.context("the log has not begun")?;
    let building = Building::begin(directory.path(), incarnation::after(&named)?)?;
    let events = match fill(&reader, building).await? {
        Ok((building, events)) => {
            building.keep()?;
            events
        }
        Err((building, error)) => {
            building.abandon()?;
            return Err(error);
        }
    };
    println!("{events} events: the views wait for the next start of this version");
    Ok(())
}

/// The outer error: the build was lost; the inner one: it failed and is to be given up.
async fn fill(
    reader: &LogReader,
    mut building: Building,
) -> Result<std::result::Result<(Building, usize), (Building, anyhow::Error)>> {
    let head = reader.head().await?.map_or(0, |head| head.0);
    let mut told = Told::start();
    let mut events = 0_usize;
    loop {
        let page = match reader.read_log(building.cursor()?, &Filter::All, PAGE).await {
            Ok(page) => page,
            Err(error) => return Ok(Err((building, error))),
        };
        let Some(next) = page.next else { return Ok(Ok((building, 0))) };
        if let Err(error) = block_in_place(|| building.apply(&page.events, next)) {
            return Ok(Err((building, error.into())));
        }
        events = events.saturating_add(page.events.len());
        told.tell("building the views", next.0, head);
        if page.end {
            return Ok(Ok((building, events)));
        }
    }
}
