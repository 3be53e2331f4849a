//! First in, first out: lots leave in the order in which they came, whatever each of them costs in tax.
//!
//! The tax of a sale is then a function of the shares sold that need not be convex: a dear lot may stand before a cheap
//! one. The optimisation sees its convex envelope: lots that would leave in the wrong order are looked at together, at the
//! mean tax per unit of weight (pool adjacent violators). The trades themselves are settled lot by lot in their order, and
//! the Run's tax is that of the true lots.

use super::LotView;

/// Gives the lots of one security, in their order, the taxes of the convex envelope; after a lot that may not be sold no
/// later one may.
pub(super) fn envelope(lots: &mut [LotView]) {
    close(lots);
    // (tax, weight, lots) of each block so far; taxes ascend strictly.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for lot in lots.iter() {
        let mut block = (lot.tax, lot.weight, 1);
        while let Some(&(tax, weight, count)) = blocks.last() {
            if tax < block.0 {
                break;
            }
            blocks.pop();
            let together = weight + block.1;
            block = ((tax * weight + block.0 * block.1) / together, together, count + block.2);
        }
        blocks.push(block);
    }
    let mut rest = lots.iter_mut();
    for (tax, _, count) in blocks {
        for lot in rest.by_ref().take(count) {
            lot.tax = tax;
        }
    }
}

/// After a lot that may not be sold no later one may.
pub(super) fn close(lots: &mut [LotView]) {
    if let Some(first) = lots.iter().position(|lot| !lot.sellable) {
        for lot in &mut lots[first..] {
            lot.sellable = false;
        }
    }
}
