//! Where a command is called from, and why it ends without Cargo having built.

use std::io;
use std::path::PathBuf;
use std::process::Command;

use crate::cargo::configuration::objections::Objection;
use crate::cargo::invocation::BadArguments;
use crate::cargo::{self, CargoFailure};
use crate::environment::Environment;
use crate::plan::model::PlanError;
use crate::policy::BadPolicy;

/// Where a command is called from.
#[derive(Debug, Clone)]
pub struct Context {
    /// The environment of the caller.
    pub environment: Environment,
    /// The folder it was called in.
    pub cwd: PathBuf,
    /// The cargo to call.
    pub cargo: PathBuf,
}

/// Why a command ends without Cargo having built.
#[derive(Debug)]
pub enum Failure {
    /// The command line is wrong.
    Arguments(String),
    /// The policy is wrong.
    Policy(BadPolicy),
    /// inert.lock is wrong.
    Lock(crate::lock::BadLock),
    /// Declarations are wrong, or packages cannot be found.
    Plan(PlanError),
    /// Cargo said no.
    Cargo(CargoFailure),
    /// Native libraries that the build needs are missing.
    Libraries(String),
    /// A bypass, or anything else that is refused: what, why and what to do instead.
    Refused(String),
    /// Cargo's configuration in the tree says what no policy accepts: the sentence, and each place.
    Configuration(String, Vec<Objection>),
    /// The system said no: doing what, and what it said.
    Io(String, io::Error),
    /// An answer that is not understood.
    Unexpected(String),
}

impl From<BadArguments> for Failure {
    fn from(BadArguments(message): BadArguments) -> Self {
        Self::Arguments(message)
    }
}

impl Context {
    /// Of this process.
    ///
    /// # Errors
    /// The current folder is gone.
    pub fn capture() -> io::Result<Self> {
        let environment = Environment::capture();
        let cargo = cargo::program(&environment);
        Ok(Self { cwd: crate::environment::current_dir()?, cargo, environment })
    }

    /// The same with another environment.
    #[must_use]
    pub fn with(&self, environment: &Environment) -> Self {
        Self { environment: environment.clone(), ..self.clone() }
    }

    /// A call of cargo.
    #[must_use]
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut command = cargo::command(&self.cargo);
        command.arg(subcommand);
        command
    }
}
