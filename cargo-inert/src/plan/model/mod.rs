//! The data that passes between the stages of a plan, and from the plan to the wrapper and the stand-ins.

mod decision;
mod declared;
mod providers;
mod refusal;
mod sealed;
pub mod wasm;

pub use decision::{
    Action, Closure, Decision, NotInWasm, Plan, PlanError, ProcMacro, RefusedMacro, Verdict, script_id,
};
pub use declared::{BadDeclaration, Declared, Origin, Residue};
pub use providers::{Provided, Providers, UnknownName};
pub use refusal::{Allowance, CODES, Refusal};
pub use sealed::{
    BY_MEMBERS, BY_UNDECIDED, Checked, Confined, ConfinedRustc, ConfinedTools, GrantedLibraries, Index,
    IndexEntry, MacroPin, Pinned, Producer, Run, ScriptPlan,
};
