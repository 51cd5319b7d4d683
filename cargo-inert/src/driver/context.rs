//! The context of a command, and the failures before Cargo has built.

use std::io;
use std::path::PathBuf;
use std::process::Command;

use crate::cargo::configuration::objections::Objection;
use crate::cargo::invocation::BadArguments;
use crate::cargo::{self, CargoFailure};
use crate::environment::Environment;
use crate::plan::model::PlanError;
use crate::policy::BadPolicy;

/// The context that a command is called from.
#[derive(Debug, Clone)]
pub struct Context {
    /// The environment of the caller.
    pub environment: Environment,
    /// The working folder of the caller.
    pub cwd: PathBuf,
    /// The path of the cargo to call.
    pub cargo: PathBuf,
}

/// The reason why a command ends before Cargo has built.
#[derive(Debug)]
pub enum Failure {
    /// The command line is invalid.
    Arguments(String),
    /// The policy is invalid.
    Policy(BadPolicy),
    /// The file inert.lock is invalid.
    Lock(crate::lock::BadLock),
    /// Declarations are invalid, or packages cannot be found.
    Plan(PlanError),
    /// Cargo has failed, with its output.
    Cargo(CargoFailure),
    /// Native libraries that the build needs are missing.
    Libraries(String),
    /// A refusal, such as of a bypass, with its reason and an alternative.
    Refused(String),
    /// Cargo's configuration in the tree has settings that no policy accepts: the message, and each setting.
    Configuration(String, Vec<Objection>),
    /// An error of the system, with the action that failed.
    Io(String, io::Error),
    /// Another program's answer is not understood.
    Unexpected(String),
}

impl From<BadArguments> for Failure {
    fn from(BadArguments(message): BadArguments) -> Self {
        Self::Arguments(message)
    }
}

impl Context {
    /// Returns the context of this process.
    ///
    /// # Errors
    /// The working folder does not exist any more.
    pub fn capture() -> io::Result<Self> {
        let environment = Environment::capture();
        let cargo = cargo::program(&environment);
        Ok(Self { cwd: crate::environment::current_dir()?, cargo, environment })
    }

    /// Returns this context with another environment.
    #[must_use]
    pub fn with(&self, environment: &Environment) -> Self {
        Self { environment: environment.clone(), ..self.clone() }
    }

    /// Returns a command that calls cargo.
    #[must_use]
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut command = cargo::command(&self.cargo);
        command.arg(subcommand);
        command
    }
}
